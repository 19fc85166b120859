//! A type that is not there.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [3] {
        stem: Stem => [4, 6, 6],
        flatten,
        linear(3),
    }
}

fn main() {}
