use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        stem: { conv: conv2d(8, kernel = 1) },
        stem_conv: conv2d(8, kernel = 1),
    }
}

fn main() {}
