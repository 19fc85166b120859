use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [1, 4, 4] {
        pool1: max_pool2d(2, ceil = 1),
    }
}

fn main() {}
