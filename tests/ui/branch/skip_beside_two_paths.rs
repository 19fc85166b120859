use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        a: conv2d(4, kernel = 1),
        relu,
        concat { skip(a), identity, conv2d(4, kernel = 1) },
    }
}

fn main() {}
