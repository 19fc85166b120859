use convnet::cnn;

cnn! {
    block deep(channels, k) {
        conv2d(channels, kernel = k), relu,
    }

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        deep(8, 24),
    }
}

fn main() {}
