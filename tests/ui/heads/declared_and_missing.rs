//! Heads are declared, and the network ends in one layer.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10], boxes: [4] } {
        flatten,
        linear(14),
    }
}

fn main() {}
