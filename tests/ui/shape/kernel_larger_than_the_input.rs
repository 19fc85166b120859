use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [16, 1, 1] {
        conv1: conv2d(6, kernel = 5),
        max_pool2d(2),
        conv2: conv2d(16, kernel = 3),
    }
}

fn main() {}
