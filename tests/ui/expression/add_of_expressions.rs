use convnet::cnn;

const KERNEL: usize = 5;
const CHANNELS: usize = 6;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        add { conv2d(8, kernel = 1), conv2d(CHANNELS, kernel = 1) },
    }
}

fn main() {}
