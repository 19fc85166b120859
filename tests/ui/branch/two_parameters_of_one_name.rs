use convnet::cnn;

cnn! {
    block wide(c, c) { conv2d(c, kernel = 1) }

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        wide(8, 8),
    }
}

fn main() {}
