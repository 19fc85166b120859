use convnet::cnn;

const CLASSES: usize = 10;

cnn! {
    pub struct Net: [1, 8, 8] -> [12] {
        flatten,
        fc1: linear(CLASSES),
    }
}

fn main() {}
