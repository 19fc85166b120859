use convnet::cnn;

cnn! {
    pub struct Net: [64] -> [0] {
        fc1: linear(0),
    }
}

fn main() {}
