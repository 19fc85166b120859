use convnet::cnn;

cnn! {
    use crate::blocks::double

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        double(8),
    }
}

fn main() {}
