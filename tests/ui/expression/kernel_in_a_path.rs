use convnet::cnn;

const KERNEL: usize = 5;
const CHANNELS: usize = 6;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        concat { identity, { max_pool2d(4), conv2d(4, kernel = KERNEL) } },
    }
}

fn main() {}
