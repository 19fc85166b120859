use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 100] -> [4, 96] {
        conv1: conv1d(4, kernel = 5),
    }
}

fn main() {}
