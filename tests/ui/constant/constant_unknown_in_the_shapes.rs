use convnet::cnn;

cnn! {
    pub struct Net: [1, SIDE, SIDE] -> [CLASSES] {
        flatten,
        fc1: linear(10),
    }
}

fn main() {}
