use convnet::cnn;

const SIDE: usize = 4;

cnn! {
    pub struct Net: [1, SIDE, SIDE] -> [10] {
        conv1: conv2d(6, kernel = 5),
        flatten,
        fc1: linear(10),
    }
}

fn main() {}
