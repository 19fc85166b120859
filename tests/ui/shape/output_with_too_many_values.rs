use convnet::cnn;

cnn! {
    pub struct Net: [3, 1000, 1000] -> [4096, 1000, 1000] {
        conv1: conv2d(4096, kernel = 1),
    }
}

fn main() {}
