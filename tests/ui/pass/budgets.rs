//! Everything about a network that is a constant, used as one.
use convnet::{Chw, Flat, cnn};

const CLASSES: usize = 10;

cnn! {
    pub struct LeNet5: [1, 28, 28] -> [CLASSES] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2) => [16, 5, 5],
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(CLASSES),
    }
}

const _: () = assert!(LeNet5::PARAMS == 61_706 && LeNet5::SCRATCH_BYTES <= 32 * 1024);
const _: () = assert!(LeNet5::INPUT[1] == 28 && LeNet5::OUTPUT[0] == CLASSES && LeNet5::LAYERS.len() == 12);
const _: () = assert!(LeNet5::scratch_bytes(1, 1) == LeNet5::SCRATCH_BYTES);

static EMPTY: [f32; LeNet5::SCRATCH_BYTES / 4] = LeNet5::scratch();

fn main() {
    let (mut output, mut scratch) = (Flat::zeros(), EMPTY);
    LeNet5::init(1).forward_into(&Chw::zeros(), &mut output, &mut scratch);
}
