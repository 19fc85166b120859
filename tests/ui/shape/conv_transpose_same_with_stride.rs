use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [4, 8, 8] {
        up1: conv_transpose2d(4, kernel = 4, stride = 2, padding = same),
    }
}

fn main() {}
