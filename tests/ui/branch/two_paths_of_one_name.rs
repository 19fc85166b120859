use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        concat { b1: { conv: conv2d(4, kernel = 1) }, b1: { conv: conv2d(4, kernel = 1) } },
    }
}

fn main() {}
