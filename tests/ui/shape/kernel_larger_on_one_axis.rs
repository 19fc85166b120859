use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 4] -> [6, 6, 1] {
        conv1: conv2d(6, kernel = (3, 5)),
    }
}

fn main() {}
