use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [100] {
        flatten,
        fc1: linear(10),
    }
}

fn main() {}
