//! A head without a name.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10], boxes: [4] } {
        flatten,
        heads {
            linear(10),
            boxes: linear(4),
        },
    }
}

fn main() {}
