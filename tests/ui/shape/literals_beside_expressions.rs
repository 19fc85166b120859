use convnet::cnn;

const WIDTH: usize = 5;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(WIDTH, kernel = 5, stride = 0),
        conv2: conv2d(6, kernel = WIDTH, groups = 4),
        max_pool2d(WIDTH, dilation = 0),
        conv3: conv2d(WIDTH, kernel = 3, padding = 4),
        flatten,
        fc1: linear(0, in_features = WIDTH),
    }
}

fn main() {}
