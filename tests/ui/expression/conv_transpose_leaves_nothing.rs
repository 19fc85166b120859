use convnet::cnn;

const SIDE: usize = 1;

cnn! {
    pub struct Net: [8, SIDE, SIDE] -> [4, 1, 1] {
        up1: conv_transpose2d(4, kernel = 3, stride = 2, padding = 2),
    }
}

fn main() {}
