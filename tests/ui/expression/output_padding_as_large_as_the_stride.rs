use convnet::cnn;

const STRIDE: usize = 2;

cnn! {
    pub struct Net: [8, 4, 4] -> [4, 10, 10] {
        up1: conv_transpose2d(4, kernel = 3, stride = STRIDE, output_padding = STRIDE),
    }
}

fn main() {}
