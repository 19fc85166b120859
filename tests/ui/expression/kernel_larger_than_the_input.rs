use convnet::cnn;

const K: usize = 4;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 1, 1] {
        conv1: conv2d(6, kernel = 2 * K + 1),
    }
}

fn main() {}
