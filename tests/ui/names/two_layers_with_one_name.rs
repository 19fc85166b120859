use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] {
        conv: conv2d(6, kernel = 3),
        conv: conv2d(6, kernel = 3),
    }
}

fn main() {}
