use convnet::cnn;

cnn! {
    pub struct Net: [1, 16] -> [4, 7] with strict {
        conv1d(4, kernel = 3, stride = 2),
    }
}

fn main() {}
