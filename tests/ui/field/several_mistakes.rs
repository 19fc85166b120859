use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(6, kernel = 5.0, bias = 1),
        max_pool(2, size = 3),
        flatten(start = 1),
        fc1: linear(10u8),
    }
}

fn main() {}
