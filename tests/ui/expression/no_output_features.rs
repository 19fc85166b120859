use convnet::cnn;

const CLASSES: usize = 0;

cnn! {
    pub struct Net: [1, 8, 8] -> [CLASSES] {
        flatten,
        fc1: linear(CLASSES),
    }
}

fn main() {}
