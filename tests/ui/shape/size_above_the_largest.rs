use convnet::cnn;

cnn! {
    pub struct Net: [2] -> [16_777_216] {
        fc1: linear(16_777_216),
    }
}

fn main() {}
