use convnet::cnn;

const MULTIPLIER: usize = 0;

cnn! {
    pub struct Net: [2, 8, 8] -> [2, 6, 6] {
        conv1: depthwise_conv2d(MULTIPLIER, kernel = 3),
    }
}

fn main() {}
