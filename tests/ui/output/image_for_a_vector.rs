use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(10, kernel = 8),
    }
}

fn main() {}
