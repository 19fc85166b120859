//! What a type gives is not stated.

use convnet::cnn;

cnn! {
    pub struct Stem: [1, 8, 8] -> [4, 6, 6] {
        conv2d(4, kernel = 3), relu,
    }
}

cnn! {
    pub struct Net: [1, 8, 8] -> [3] {
        stem: Stem,
        flatten,
        linear(3),
    }
}

fn main() {}
