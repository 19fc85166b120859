use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [8, 2, 2] {
        depthwise_conv2d(3),
    }
}

fn main() {}
