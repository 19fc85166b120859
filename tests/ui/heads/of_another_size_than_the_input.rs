//! A head that is the input itself.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { image: [1, 9, 8], scores: [10] } {
        heads {
            image: identity,
            scores: { flatten, linear(10) },
        },
    }
}

fn main() {}
