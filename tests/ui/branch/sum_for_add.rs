use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        sum { conv2d(8, kernel = 1), conv2d(8, kernel = 3, padding = 1) },
    }
}

fn main() {}
