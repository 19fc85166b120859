use convnet::cnn;

cnn! {
    pub struct Net: [1, 32, 32] -> [10] {
        conv1: conv2d(6, kernel = 5, stride = 0),
        conv2: conv2d(16, kernel = 3, groups = 5),
        dropout(2),
        max_pool2d(3, padding = 3),
        flatten,
        fc1: linear(0),
        flatten,
        fc2: linear(84),
        conv3: conv2d(6, kernel = 3),
        fc3: linear(12),
    }
}

fn main() {}
