use convnet::cnn;

const WIDTH: usize = 8;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(6, kernel = 5) => [WIDTH, 4, 4],
        flatten,
        fc1: linear(10),
    }
}

fn main() {}
