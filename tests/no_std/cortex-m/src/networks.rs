//! The networks and their inputs, for the firmware and for the host that says what it should answer.

use convnet::{Chw, cnn};

cnn! {
    /// LeNet-5 for 28×28 grayscale digits.
    pub struct LeNet5: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
    }
}

cnn! {
    /// Depthwise separable convolutions for spoken words, on 49 × 10 coefficients of a second of sound. Zhang et al.: Hello
    /// Edge, 2017, the small one.
    pub struct DsCnn: [1, 49, 10] -> [12] {
        conv: conv2d(64, kernel = (10, 4), stride = 2, padding = (5, 1)), relu,
        blocks: repeat 4 {
            depthwise: depthwise_conv2d(kernel = 3, padding = 1), relu,
            pointwise: conv2d(64, kernel = 1), relu,
        },
        global_avg_pool,
        fc: linear(12),
    }
}

/// A seven from MNIST's test images: 28 rows of 28 bytes, light on dark.
pub const SEVEN: &[u8; 784] = include_bytes!("../../../../examples/data/seven.gray");

/// Numbers between -1 and 1, of no meaning.
pub fn sound() -> Chw<1, 49, 10> {
    let mut sound = Chw::zeros();
    for (i, value) in sound.as_mut_slice().iter_mut().enumerate() {
        *value = (i * 37 % 101) as f32 / 50.0 - 1.0;
    }
    sound
}
