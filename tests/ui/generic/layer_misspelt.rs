//! A keyword that is none.

use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [10] {
        conv2D(8, kernel = 5),
        global_avg_pool,
        linear(10),
    }
}

fn main() {}
