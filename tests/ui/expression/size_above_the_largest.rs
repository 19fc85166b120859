use convnet::cnn;

const MANY: usize = 1 << 24;

cnn! {
    pub struct Net: [8] -> [MANY] {
        fc1: linear(MANY),
    }
}

fn main() {}
