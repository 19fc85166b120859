//! A mistake at every size.

use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [10] {
        conv2d(8, kernel = 5),
        linear(10),
    }
}

fn main() {}
