use convnet::cnn;

cnn! {
    pub struct Net: [2, 8] -> [2, 16] {
        flatten,
        up1: conv_transpose1d(2, kernel = 2, stride = 2),
    }
}

fn main() {}
