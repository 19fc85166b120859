//! A network takes inputs of one size, whatever gives them.

use convnet::cnn;

cnn! {
    pub struct Stem: [1, 8, 8] -> [4, 6, 6] {
        conv2d(4, kernel = 3), relu,
    }
}

cnn! {
    pub struct Net: [1, 9, 9] -> [3] {
        conv1: conv2d(2, kernel = 2),
        stem: Stem => [4, 6, 6],
        flatten,
        linear(3),
    }
}

fn main() {}
