use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [4, 7, 7] {
        up1: conv_transpose2d(4, kernel = 3, output_padding = 1),
    }
}

fn main() {}
