//! A crate that wants everything documented.
#![deny(missing_docs, unused)]

use convnet::cnn;

cnn! {
    /// A network.
    pub struct Net: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 31),
        flatten,
        fc1: linear(10),
    }
}

/// Shows it.
pub fn show() {
    println!("{}", Net::summary());
}

fn main() {}
