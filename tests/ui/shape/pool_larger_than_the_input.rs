use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [1, 1, 1] {
        pool1: avg_pool2d(9),
    }
}

fn main() {}
