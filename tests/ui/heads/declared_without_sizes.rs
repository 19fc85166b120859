//! A head is declared without its sizes.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: 10, boxes: [4] } {
        flatten,
        heads {
            scores: linear(10),
            boxes: linear(4),
        },
    }
}

fn main() {}
