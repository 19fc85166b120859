//! What follows a type is checked by what it is stated to give.

use convnet::cnn;

cnn! {
    pub struct Stem: [1, 8, 8] -> [4, 6, 6] {
        conv2d(4, kernel = 3), relu,
    }
}

cnn! {
    pub struct Net: [1, 8, 8] -> [3] {
        stem: Stem => [4, 6, 6],
        conv2d(8, kernel = 7),
        flatten,
        linear(3),
    }
}

fn main() {}
