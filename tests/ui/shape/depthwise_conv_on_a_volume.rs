use convnet::cnn;

cnn! {
    pub struct Net: [2, 4, 8, 8] -> [2, 6, 6] {
        conv1: depthwise_conv2d(kernel = 3),
    }
}

fn main() {}
