//! A type that is near a layer of the language.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [3] {
        Flaten,
        linear(3),
    }
}

fn main() {}
