use convnet::cnn;

const WIDTH: usize = 8;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(WIDTH, kernel = 0),
        flatten,
        fc1: linear(10.5),
    }
}

fn main() {}
