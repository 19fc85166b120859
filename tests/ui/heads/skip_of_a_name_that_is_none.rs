//! A head begins at a layer that is not there.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10], early: [4] } {
        conv1: conv2d(4, kernel = 3),
        flatten,
        heads {
            scores: linear(10),
            early: { skip(conv2), flatten, linear(4) },
        },
    }
}

fn main() {}
