use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 1] -> [4, 8, 1] {
        up1: conv_transpose2d(4, kernel = (2, 3), stride = 2, padding = ((0, 0), (2, 2)), output_padding = 1),
    }
}

fn main() {}
