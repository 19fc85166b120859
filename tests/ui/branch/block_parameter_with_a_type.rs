use convnet::cnn;

cnn! {
    block small(c: usize) { conv2d(c, kernel = 1) }

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        small(8),
    }
}

fn main() {}
