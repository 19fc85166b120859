//! LeNet-5, cut where the page looks into it: three networks, each of which reads what the one before it gives.
//!
//! A prepared network keeps no value between its layers, so whoever wants to see one ends a network there. Nothing is computed
//! twice, and no weight is there twice.

use convnet::{Prepared, cnn, embed};

cnn! {
    /// What the first convolution finds: edges.
    pub struct Edges: [1, 28, 28] -> [6, 28, 28] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
    }
}

cnn! {
    /// What the second makes of them: pieces of strokes.
    pub struct Strokes: [6, 28, 28] -> [16, 10, 10] {
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
    }
}

cnn! {
    /// The probabilities of the ten digits.
    pub struct Digit: [16, 10, 10] -> [10] {
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
        softmax,
    }
}

// `embed!` reads weights from beside the file that it stands in, and the build script wrote these.
include!(concat!(env!("OUT_DIR"), "/embeddings.rs"));
