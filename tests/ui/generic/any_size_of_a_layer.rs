//! `_` in a layer.

use convnet::cnn;

cnn! {
    pub struct Net: [3, 8, 8] -> [10] {
        conv2d(_, kernel = 5),
        global_avg_pool,
        linear(10),
    }
}

fn main() {}
