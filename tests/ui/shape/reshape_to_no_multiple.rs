use convnet::cnn;

cnn! {
    pub struct Net: [2, 3, 3] -> [4, 4] {
        conv1: conv2d(2, kernel = 1),
        reshape([4, 4]),
    }
}

fn main() {}
