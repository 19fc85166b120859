use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        conv2d(8, kernel = 1),
        repeat,
    }
}

fn main() {}
