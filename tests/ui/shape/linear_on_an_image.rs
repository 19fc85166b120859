use convnet::cnn;

cnn! {
    pub struct Net: [1, 12, 12] -> [10] {
        conv1: conv2d(16, kernel = 5),
        pool1: max_pool2d(2),
        fc1: linear(10),
    }
}

fn main() {}
