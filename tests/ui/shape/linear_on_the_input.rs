use convnet::cnn;

cnn! {
    pub struct Net: [1, 28, 28] -> [10] {
        fc1: linear(10),
    }
}

fn main() {}
