use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 8, 8] {
        conv1: conv2d(6, kernel = 5),
    }
}

fn main() {}
