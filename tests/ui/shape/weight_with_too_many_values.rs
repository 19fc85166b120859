use convnet::cnn;

cnn! {
    pub struct Net: [3, 224, 224] -> [100_000] {
        flatten,
        fc1: linear(100_000),
    }
}

fn main() {}
