use convnet::cnn;

cnn! {
    pub struct Net: [8, 1, 1] -> [4, 1, 1] {
        up1: conv_transpose2d(4, kernel = 3, stride = 2, padding = 2),
    }
}

fn main() {}
