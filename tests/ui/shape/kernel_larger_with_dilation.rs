use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 1, 1] {
        conv1: conv2d(6, kernel = 5, dilation = 2),
    }
}

fn main() {}
