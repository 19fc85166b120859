use convnet::cnn;

cnn! {
    pub struct Net: [1, 100] -> [4, 96] {
        conv1d(4, kernel = (5, 5)),
    }
}

fn main() {}
