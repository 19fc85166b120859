use convnet::cnn;

const SIDE: usize = 9;

cnn! {
    pub struct Net: [1, SIDE, SIDE] -> [10] with strict {
        max_pool2d(2),
        flatten,
        fc1: linear(10),
    }
}

fn main() {}
