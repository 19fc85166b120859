use convnet::cnn;

cnn! {
    pub struct Net: [2, 3, 3] -> [18] {
        reshape([2, 1, 3, 1, 3]),
    }
}

fn main() {}
