//! An output that differs at every size.

use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [10] {
        conv2d(8, kernel = 5),
        global_avg_pool,
        linear(12),
    }
}

fn main() {}
