use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [1, H, W] -> [6, _, _] with strict, weights = u8 {
        conv1: conv2d(6, kernel = 5),
    }
}

fn main() {}
