use convnet::cnn;

cnn! {
    pub struct Net: [2, 3, 3] -> [2, 3, 3] {
        permute([0, 1, 2, 3, 4]),
    }
}

fn main() {}
