use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        stages: repeat 3 { conv2d(8, kernel = 3, padding = 1), max_pool2d(4) },
    }
}

fn main() {}
