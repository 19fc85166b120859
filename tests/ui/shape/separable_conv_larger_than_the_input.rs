use convnet::cnn;

cnn! {
    pub struct Net: [3, 4, 4] -> [8, 1, 1] {
        separable_conv2d(8, kernel = 5),
    }
}

fn main() {}
