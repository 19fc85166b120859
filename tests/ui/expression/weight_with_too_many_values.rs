use convnet::cnn;

const MANY: usize = 100_000;

cnn! {
    pub struct Net: [3, 224, 224] -> [MANY] {
        flatten,
        fc1: linear(MANY),
    }
}

fn main() {}
