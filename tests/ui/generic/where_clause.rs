//! A bound, which is not needed, behind the output.

use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [10] where H: Copy {
        conv2d(8, kernel = 5),
        global_avg_pool,
        linear(10),
    }
}

fn main() {}
