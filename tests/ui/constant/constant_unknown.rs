use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        flatten,
        fc1: linear(CLASSES),
    }
}

fn main() {}
