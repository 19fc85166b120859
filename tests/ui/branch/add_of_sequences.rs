use convnet::cnn;

cnn! {
    pub struct Net: [2, 100] -> [4, 100] {
        add { identity, conv1d(4, kernel = 3, padding = same) },
    }
}

fn main() {}
