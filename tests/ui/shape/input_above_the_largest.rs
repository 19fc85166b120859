use convnet::cnn;

cnn! {
    pub struct Net: [1, 16_777_216, 2] -> [1, 8_388_608, 1] {
        max_pool2d(2),
    }
}

fn main() {}
