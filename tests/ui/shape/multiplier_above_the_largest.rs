use convnet::cnn;

cnn! {
    pub struct Net: [2, 8, 8] -> [2, 6, 6] {
        conv1: depthwise_conv2d(kernel = 3, multiplier = 16777216),
    }
}

fn main() {}
