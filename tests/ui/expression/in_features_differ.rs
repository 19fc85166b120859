use convnet::cnn;

const SIDE: usize = 20;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        flatten,
        fc1: linear(10, in_features = SIDE * SIDE),
    }
}

fn main() {}
