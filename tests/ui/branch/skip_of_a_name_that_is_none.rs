use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        enc1: conv2d(4, kernel = 3, padding = 1),
        relu,
        concat { skip(enc2), identity },
    }
}

fn main() {}
