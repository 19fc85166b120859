use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [4, 10, 10] {
        up1: conv_transpose2d(4, kernel = 3, stride = 2, output_padding = 2),
    }
}

fn main() {}
