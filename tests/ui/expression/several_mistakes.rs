use convnet::cnn;

const K: usize = 5;
const CLASSES: usize = 10;

cnn! {
    pub struct Net: [1, 32, 32] -> [12] {
        conv1: conv2d(6, kernel = K, stride = K - 5),
        conv2: conv2d(16, kernel = 3, groups = K),
        flatten,
        fc1: linear(CLASSES - 10),
        fc2: linear(CLASSES),
    }
}

fn main() {}
