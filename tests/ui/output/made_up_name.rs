use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        flatten,
        linear(12),
        softmax,
    }
}

fn main() {}
