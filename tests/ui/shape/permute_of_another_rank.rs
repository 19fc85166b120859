use convnet::cnn;

cnn! {
    pub struct Net: [8, 100] -> [8, 100] {
        permute([2, 0, 1]),
    }
}

fn main() {}
