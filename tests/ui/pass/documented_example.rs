//! The example that documents `cnn!`, word for word.
use convnet::{Chw, Flat, cnn};

const CLASSES: usize = 10;

cnn! {
    /// LeNet-5 for 28×28 grayscale digits.
    #[derive(Clone)]
    pub struct LeNet5: [1, 28, 28] -> [CLASSES] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2) => [16, 5, 5],
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        dropout(0.5),
        fc3: linear(CLASSES),
    }
}

// A budget is a line of Rust.
const _: () = assert!(LeNet5::PARAMS == 61_706 && LeNet5::SCRATCH_BYTES <= 32 * 1024);

// A network without a name, with braces.
type Stem = cnn! { [3, 227, 227] -> conv2d(96, kernel = 11, stride = 4), relu };

fn main() {
    let net = LeNet5::init(1);
    let scores: Flat<10> = net.forward(&Chw::zeros());
    let first_kernel: &[[f32; 5]; 5] = &net.conv1().weight()[0][0];
    assert!(LeNet5::summary().to_string().contains("conv1") && Stem::PARAMS == 34_944);
    let _ = (scores, first_kernel);
}
