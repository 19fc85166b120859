use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [10, 0] {
        flatten, linear(10),
    }
}

fn main() {}
