//! One head.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10] } {
        flatten,
        heads { scores: linear(10) },
    }
}

fn main() {}
