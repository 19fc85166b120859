use convnet::cnn;

cnn! {
    pub struct Net: [2, 3, 3] -> [2, 9] {
        reshape([2, 0, 9]),
    }
}

fn main() {}
