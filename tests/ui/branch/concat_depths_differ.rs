use convnet::cnn;

cnn! {
    pub struct Net: [2, 8, 16, 16] -> [6, 8, 16, 16] {
        concat { conv3d(4, kernel = (3, 1, 1)), identity },
    }
}

fn main() {}
