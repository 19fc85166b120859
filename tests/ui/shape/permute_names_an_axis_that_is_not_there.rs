use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 6] -> [4, 6, 8] {
        permute([1, 2, 3]),
    }
}

fn main() {}
