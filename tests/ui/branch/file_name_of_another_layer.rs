use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        "conv2": conv2d(4, kernel = 1),
        conv2d(8, kernel = 1),
    }
}

fn main() {}
