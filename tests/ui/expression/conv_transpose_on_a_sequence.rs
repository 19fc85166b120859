use convnet::cnn;

const LENGTH: usize = 8;

cnn! {
    pub struct Net: [2, LENGTH] -> [2, 16, 16] {
        up1: conv_transpose2d(2, kernel = 2, stride = 2),
    }
}

fn main() {}
