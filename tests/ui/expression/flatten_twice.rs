use convnet::cnn;

const SIDE: usize = 8;

cnn! {
    pub struct Net: [1, SIDE, SIDE] -> [10] {
        flatten,
        flatten,
        fc1: linear(10),
    }
}

fn main() {}
