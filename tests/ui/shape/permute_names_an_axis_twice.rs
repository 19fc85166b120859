use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 6] -> [8, 4, 4] {
        permute([0, 1, 1]),
    }
}

fn main() {}
