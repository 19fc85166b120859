//! A kernel that is too large, in one head.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10], map: [4, 2, 2] } {
        heads {
            scores: { flatten, linear(10) },
            map: conv2d(4, kernel = 9),
        },
    }
}

fn main() {}
