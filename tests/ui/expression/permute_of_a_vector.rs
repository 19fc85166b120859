use convnet::cnn;

const LENGTH: usize = 100;

cnn! {
    pub struct Net: [8, LENGTH] -> [800] {
        flatten,
        permute([1, 0]),
    }
}

fn main() {}
