//! Groups that divide at no size.

use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [10] {
        conv2d(8, kernel = 5, groups = 2),
        global_avg_pool,
        linear(10),
    }
}

fn main() {}
