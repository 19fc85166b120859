use convnet::cnn;

const WIDTH: usize = 8;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(WIDTH, kernel = 5) => [6, 4, 4],
        flatten,
        fc1: linear(10),
    }
}

fn main() {}
