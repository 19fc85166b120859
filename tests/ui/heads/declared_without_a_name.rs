//! Sizes of a head without its name.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { [10], [4] } {
        flatten,
        heads {
            scores: linear(10),
            boxes: linear(4),
        },
    }
}

fn main() {}
