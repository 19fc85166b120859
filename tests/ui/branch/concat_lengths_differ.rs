use convnet::cnn;

cnn! {
    pub struct Net: [2, 100] -> [8, 98] {
        concat { conv1d(4, kernel = 3), conv1d(4, kernel = 5) },
    }
}

fn main() {}
