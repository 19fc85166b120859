use convnet::cnn;

cnn! {
    block deep(channels) {
        conv2d(channels, kernel = 5), relu,
    }

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        first: deep(4),
        max_pool2d(4),
        second: deep(8),
    }
}

fn main() {}
