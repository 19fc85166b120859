//! A size by a constant at which a kernel does not fit.

use convnet::cnn;

const SIDE: usize = 4;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [10] {
        conv2d(8, kernel = 5),
        global_avg_pool,
        linear(10),
    }
}

cnn!(type Small = Net[SIDE, SIDE]);

fn main() {}
