//! A head is declared by another name.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10], boxs: [4] } {
        flatten,
        heads {
            scores: linear(10),
            boxes: linear(4),
        },
    }
}

fn main() {}
