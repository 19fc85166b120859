//! Heads in a path of `concat`.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [15] {
        flatten,
        concat {
            { heads { scores: linear(10), boxes: linear(4) } },
            linear(1),
        },
    }
}

fn main() {}
