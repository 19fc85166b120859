//! A network in a chain built by hand takes inputs of its own size.

use convnet::shape::Image;
use convnet::typenum::{U1, U9};
use convnet::{Sequential, chain, cnn};

cnn! {
    struct Stem: [1, 8, 8] -> [4, 6, 6] {
        conv2d(4, kernel = 3), relu,
    }
}

fn main() {
    let _ = Sequential::<Image<U1, U9, U9>, chain![Stem]>::init(1);
}
