//! A bound, which is not needed.

use convnet::cnn;

cnn! {
    pub struct Net<H: Copy, W>: [3, H, W] -> [10] {
        conv2d(8, kernel = 5),
        global_avg_pool,
        linear(10),
    }
}

fn main() {}
