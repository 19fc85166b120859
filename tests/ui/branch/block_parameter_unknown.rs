use convnet::cnn;

cnn! {
    block double(channels, k) {
        conv2d(channels, kernel = k, padding = same), relu,
    }

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        double(8, kernel = 3),
    }
}

fn main() {}
