use convnet::cnn;

cnn! {
    pub struct Net: [64, 10_000, 10_000] -> [6, 4, 4] {
        conv1: conv2d(6, kernel = 5),
    }
}

fn main() {}
