use convnet::cnn;

cnn! {
    pub struct Net: [8, 100] -> [800] {
        flatten,
        permute([1, 0]),
    }
}

fn main() {}
