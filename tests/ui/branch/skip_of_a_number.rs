use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        conv2d(4, kernel = 1),
        concat { skip(1), identity },
    }
}

fn main() {}
