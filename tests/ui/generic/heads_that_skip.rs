//! Heads that begin at two layers.

use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> { early: [4], middle: [4], late: [4] } {
        a: conv2d(4, kernel = 3),
        b: conv2d(4, kernel = 3),
        c: conv2d(4, kernel = 3),
        heads {
            late: global_avg_pool,
            middle: { skip(b), global_avg_pool },
            early: { skip(a), global_avg_pool },
        },
    }
}

fn main() {}
