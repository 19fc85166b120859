//! A head that is not declared.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10] } {
        flatten,
        heads {
            scores: linear(10),
            boxes: linear(4),
        },
    }
}

fn main() {}
