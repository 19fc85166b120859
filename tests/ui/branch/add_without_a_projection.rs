use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [16, 8, 8] {
        conv2d(8, kernel = 3, padding = 1), relu,
        block1: add {
            identity,
            { conv2d(16, kernel = 3, padding = 1, stride = 2), relu, conv2d(16, kernel = 3, padding = 1) },
        },
    }
}

fn main() {}
