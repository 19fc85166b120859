use convnet::cnn;

cnn! {
    pub struct Net: [8, 1000, 1000] -> [64, 8000, 8000] {
        up1: conv_transpose2d(64, kernel = 8, stride = 8),
    }
}

fn main() {}
