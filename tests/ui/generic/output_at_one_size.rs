//! An output that does not follow from the input at this size.

use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [8, H / 2, W / 2] {
        conv2d(8, kernel = 3, stride = 2),
    }
}

cnn!(type Odd = Net[31, 31]);
cnn!(type Even = Net[32, 32]);

fn main() {}
