use convnet::cnn;

const CLASSES: usize = 10;

cnn! {
    pub struct Net: [1, 8, 8] -> [CLASSES] {
        conv1: conv2d(CLASSES, kernel = 8),
        softmax,
    }
}

fn main() {}
