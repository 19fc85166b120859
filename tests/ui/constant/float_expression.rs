use convnet::cnn;

const SCALE: f64 = 2.0;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] {
        conv1: conv2d(6, kernel = 2.5 * SCALE),
    }
}

fn main() {}
