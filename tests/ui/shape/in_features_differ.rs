use convnet::cnn;

cnn! {
    pub struct Net: [6, 8, 8] -> [10] {
        pool1: max_pool2d(2),
        flatten,
        fc1: linear(10, in_features = 400),
    }
}

fn main() {}
