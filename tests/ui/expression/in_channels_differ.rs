use convnet::cnn;

const CHANNELS: usize = 3;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] {
        conv1: conv2d(6, kernel = 5, in_channels = CHANNELS),
    }
}

fn main() {}
