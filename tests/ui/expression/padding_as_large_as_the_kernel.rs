use convnet::cnn;

const K: usize = 5;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] {
        conv1: conv2d(6, kernel = K, padding = K),
    }
}

fn main() {}
