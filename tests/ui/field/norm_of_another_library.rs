use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [8, 4, 4] {
        BatchNorm2d(8),
        deconv(8),
        LocalResponseNorm(5),
    }
}

fn main() {}
