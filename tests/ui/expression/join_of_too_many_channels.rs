use convnet::cnn;

const WIDE: usize = 1 << 23;

cnn! {
    pub struct Net: [1, 2, 2] -> [16777216, 2, 2] {
        concat { conv2d(WIDE, kernel = 1), conv2d(WIDE, kernel = 1) },
    }
}

fn main() {}
