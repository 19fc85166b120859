use convnet::cnn;

cnn! {
    pub struct Net: [2, 3, 3] -> [3, 3, 2] {
        permute((1, 2, 0)),
    }
}

fn main() {}
