use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [4, 4, 4] {
        up1: conv_transpose2d(4, kernel = 3, stride = 2, padding = 3),
    }
}

fn main() {}
