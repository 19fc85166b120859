use convnet::cnn;

const MANY: usize = 4096;

cnn! {
    pub struct Net: [3, 1000, 1000] -> [MANY, 1000, 1000] {
        conv1: conv2d(MANY, kernel = 1),
    }
}

fn main() {}
