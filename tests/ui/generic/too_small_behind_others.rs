//! A size that is too small for a later layer.

use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [10] {
        conv2d(8, kernel = 5),
        max_pool2d(2),
        conv2d(8, kernel = 5),
        global_avg_pool,
        linear(10),
    }
}

cnn!(type Small = Net[12, 32]);

fn main() {}
