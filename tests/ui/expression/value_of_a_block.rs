use convnet::cnn;

const KERNEL: usize = 5;
const CHANNELS: usize = 6;

cnn! {
    block double(c) { conv2d(c, kernel = 3, padding = 1), relu }

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        double(CHANNELS - 6),
    }
}

fn main() {}
