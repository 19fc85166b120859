use convnet::cnn;

const FIRST: usize = 0;

cnn! {
    pub struct Net: [2, 3, 3] -> [3, 3, 2] {
        permute([1, 2, FIRST]),
    }
}

fn main() {}
