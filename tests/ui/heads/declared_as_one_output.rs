//! Two heads, declared as one output.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [14] {
        flatten,
        heads {
            scores: linear(10),
            boxes: linear(4),
        },
    }
}

fn main() {}
