//! A size given by hand: the arithmetic is the trait solver's.

use convnet::cnn;
use convnet::typenum::U4;

cnn! {
    struct Backbone<H, W>: [3, H, W] -> [8] {
        conv2d(8, kernel = 5),
        global_avg_pool,
    }
}

fn main() {
    let _ = Backbone::<U4, U4>::init(1);
}
