//! `_` in a network of one size.

use convnet::cnn;

cnn! {
    pub struct Net: [3, 8, 8] -> [_] {
        conv2d(8, kernel = 5),
        global_avg_pool,
        linear(10),
    }
}

fn main() {}
