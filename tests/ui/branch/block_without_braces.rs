use convnet::cnn;

cnn! {
    block small(c): conv2d(c, kernel = 1);

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        conv2d(8, kernel = 1),
    }
}

fn main() {}
