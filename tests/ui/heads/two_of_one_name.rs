//! Two heads of one name.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10], boxes: [4] } {
        flatten,
        heads {
            scores: linear(10),
            scores: linear(4),
        },
    }
}

fn main() {}
