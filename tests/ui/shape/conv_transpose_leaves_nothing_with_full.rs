use convnet::cnn;

cnn! {
    pub struct Net: [8, 1] -> [4, 1] {
        up1: conv_transpose1d(4, kernel = 2, padding = full),
    }
}

fn main() {}
