//! One join reaches back to two layers.

use convnet::cnn;

cnn! {
    pub struct Net: [4, 8, 8] -> [12, 8, 8] {
        a: conv2d(4, kernel = 3, padding = 1),
        b: conv2d(4, kernel = 3, padding = 1),
        conv2d(4, kernel = 3, padding = 1),
        concat { skip(a), skip(b), identity },
    }
}

fn main() {}
