//! A size of the input that is computed.

use convnet::cnn;

cnn! {
    pub struct Net<H>: [3, H, 2 * H] -> [10] {
        conv2d(8, kernel = 5),
        global_avg_pool,
        linear(10),
    }
}

fn main() {}
