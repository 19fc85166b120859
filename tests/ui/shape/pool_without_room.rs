use convnet::cnn;

cnn! {
    pub struct Net: [1, 28, 28] -> [8, 1, 1] {
        conv1: conv2d(8, kernel = 3, padding = 1),
        max_pool2d(2),
        max_pool2d(2),
        max_pool2d(2),
        max_pool2d(2),
        max_pool2d(2),
    }
}

fn main() {}
