use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        enc: { conv2d(4, kernel = 3, padding = 1), relu },
        max_pool2d(2),
        conv2d(4, kernel = 3, padding = 1),
        concat { skip(enc), identity },
    }
}

fn main() {}
