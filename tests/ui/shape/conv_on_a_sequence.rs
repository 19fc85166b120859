use convnet::cnn;

cnn! {
    pub struct Net: [2, 64] -> [6, 60] {
        conv1: conv2d(6, kernel = 5),
    }
}

fn main() {}
