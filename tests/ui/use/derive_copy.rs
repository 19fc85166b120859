use convnet::cnn;

cnn! {
    #[derive(Clone, Copy)]
    pub struct Net: [1, 8, 8] -> [10] {
        flatten,
        fc1: linear(10),
    }
}

fn main() {}
