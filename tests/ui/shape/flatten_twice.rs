use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        flatten,
        flatten,
        fc1: linear(10),
    }
}

fn main() {}
