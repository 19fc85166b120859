use convnet::cnn;

cnn! {
    pub struct Net: [8, 8, 8] -> [10, 4, 4] {
        conv1: conv2d(10, kernel = 5, groups = 4),
    }
}

fn main() {}
