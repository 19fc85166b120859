use convnet::cnn;

cnn! {
    pub struct Net: [1, 4, 4] -> [6, 1, 1] {
        conv1: conv2d(6, kernel = 7, padding = ((0, 1), (2, 0))),
    }
}

fn main() {}
