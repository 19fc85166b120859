//! A head is declared with a constant of another value.

use convnet::cnn;

const BOXES: usize = 5;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10], boxes: [BOXES] } {
        flatten,
        heads {
            scores: linear(10),
            boxes: linear(4),
        },
    }
}

fn main() {}
