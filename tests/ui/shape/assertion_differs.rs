use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2) => [6, 8, 8],
        max_pool2d(2) => [6, 5, 5],
        flatten => [96],
        linear(10),
    }
}

fn main() {}
