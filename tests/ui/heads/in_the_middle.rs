//! A layer behind the heads.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [3] {
        flatten,
        heads {
            scores: linear(10),
            boxes: linear(4),
        },
        linear(3),
    }
}

fn main() {}
