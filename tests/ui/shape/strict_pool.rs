use convnet::cnn;

cnn! {
    pub struct Net: [1, 14, 9] -> [1, 3, 2] with strict {
        max_pool2d(2),
        max_pool2d(2),
    }
}

fn main() {}
