use convnet::cnn;

cnn! {
    pub struct Net: [1, 16, 16] -> [4, 14, 14, 14] {
        conv1: conv2d(4, kernel = 1),
        conv2: conv3d(4, kernel = 3),
    }
}

fn main() {}
