use convnet::cnn;

const WIDTH: i32 = 6;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] {
        conv1: conv2d(WIDTH, kernel = 5),
    }
}

fn main() {}
