use convnet::cnn;

cnn! {
    pub struct Net: [2, 8, 8, 8] -> [2, 8, 4, 4] {
        max_pool2d(2),
    }
}

fn main() {}
