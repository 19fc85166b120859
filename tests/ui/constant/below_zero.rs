use convnet::cnn;

const WIDTH: usize = 6;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] {
        conv1: conv2d(WIDTH - 8, kernel = 5),
    }
}

fn main() {}
