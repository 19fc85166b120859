use convnet::cnn;

const SIDE: usize = 28;

cnn! {
    pub struct Net: [1, SIDE, SIDE] -> [1, 1, 1] {
        max_pool2d(2),
        max_pool2d(2),
        max_pool2d(2),
        max_pool2d(2),
        max_pool2d(2),
    }
}

fn main() {}
