use convnet::cnn;

cnn! {
    pub struct Net: [64] -> [10] {
        flatten,
        linear(10),
    }
}

fn main() {}
