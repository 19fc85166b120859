use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [1, 4, 4] {
        max_pool2d(stride = 2),
    }
}

fn main() {}
