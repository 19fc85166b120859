use convnet::cnn;

fn width() -> usize {
    6
}

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] {
        conv1: conv2d(width(), kernel = 5),
    }
}

fn main() {}
