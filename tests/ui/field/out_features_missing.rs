use convnet::cnn;

cnn! {
    pub struct Net: [64] -> [10] {
        fc1: linear(bias = false),
    }
}

fn main() {}
