use convnet::cnn;

const KERNEL: usize = 5;
const CHANNELS: usize = 6;

cnn! {
    pub struct Net: [3, 16, 16] -> [10, 14, 14] {
        concat { conv2d(4, kernel = KERNEL), conv2d(CHANNELS, kernel = 3) },
    }
}

fn main() {}
