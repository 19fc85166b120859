use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        relu
        flatten
        linear(10)
    }
}

fn main() {}
