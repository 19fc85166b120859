use convnet::cnn;

const CLASSES: usize = 12;

cnn! {
    pub struct Net: [1, 8, 8] -> [CLASSES] {
        flatten,
        fc1: linear(10),
    }
}

fn main() {}
