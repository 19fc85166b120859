use convnet::cnn;

const CLASSES: usize = 10;

cnn! {
    pub struct Net: [1, 8, 8] -> [CLASSES] {
        conv1: conv2d(6, kernel = 5),
        pool1: max_pool2d(2),
        fc1: linear(CLASSES),
    }
}

fn main() {}
