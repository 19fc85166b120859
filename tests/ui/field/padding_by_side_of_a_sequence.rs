use convnet::cnn;

cnn! {
    pub struct Net: [1, 100] -> [4, 99] {
        conv1d(4, kernel = 5, padding = (1, 2)),
    }
}

fn main() {}
