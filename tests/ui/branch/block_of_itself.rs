use convnet::cnn;

cnn! {
    block again(channels) { conv2d(channels, kernel = 1), again(channels) }

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        again(8),
    }
}

fn main() {}
