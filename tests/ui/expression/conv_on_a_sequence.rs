use convnet::cnn;

const SIDE: usize = 8;

cnn! {
    pub struct Net: [SIDE, SIDE] -> [4, 4, 4] {
        conv1: conv2d(4, kernel = 5),
    }
}

fn main() {}
