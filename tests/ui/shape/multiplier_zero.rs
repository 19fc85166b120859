use convnet::cnn;

cnn! {
    pub struct Net: [2, 8, 8] -> [2, 6, 6] {
        conv1: depthwise_conv2d(0, kernel = 3),
    }
}

fn main() {}
