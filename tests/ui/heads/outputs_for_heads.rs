//! Another word for heads.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10], boxes: [4] } {
        flatten,
        outputs {
            scores: linear(10),
            boxes: linear(4),
        },
    }
}

fn main() {}
