//! A parameter that is no size of the input.

use convnet::cnn;

cnn! {
    pub struct Net<H, W, C>: [3, H, W] -> [10] {
        conv2d(8, kernel = 5),
        global_avg_pool,
        linear(10),
    }
}

fn main() {}
