use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [16] {
        flatten,
        fc1: linear(64),
        max_pool2d(2),
    }
}

fn main() {}
