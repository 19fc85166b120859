//! A type stands in networks of one size.

use convnet::cnn;

cnn! {
    pub struct Stem: [1, 8, 8] -> [4, 6, 6] {
        conv2d(4, kernel = 3), relu,
    }
}

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [10] {
        stem: Stem => [4, 6, 6],
        global_avg_pool,
        linear(10),
    }
}

fn main() {}
