use convnet::cnn;

cnn! {
    pub struct Net: [2, 8] -> [2, 16, 16] {
        up1: conv_transpose2d(2, kernel = 2, stride = 2),
    }
}

fn main() {}
