use convnet::cnn;

const KERNEL: usize = 3;

cnn! {
    pub struct Net: [8, 4, 4] -> [4, 4, 4] {
        up1: conv_transpose2d(4, kernel = KERNEL, padding = KERNEL),
    }
}

fn main() {}
