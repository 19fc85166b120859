use convnet::cnn;

const SIDE: usize = 0;

cnn! {
    pub struct Net: [1, SIDE, SIDE] -> [6, 4, 4] {
        conv1: conv2d(6, kernel = 5),
    }
}

fn main() {}
