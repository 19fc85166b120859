use convnet::cnn;

const CHANNELS: usize = 3;

cnn! {
    pub struct Net: [CHANNELS, 4, 4] -> [CHANNELS, 4, 4] {
        normalize(mean = [0.5, 0.5], std = [0.5, 0.5]),
    }
}

fn main() {}
