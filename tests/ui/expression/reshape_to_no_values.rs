use convnet::cnn;

const NONE: usize = 0;

cnn! {
    pub struct Net: [2, 3, 3] -> [2, 9] {
        reshape([2, NONE, 9]),
        reshape([2, 9]),
    }
}

fn main() {}
