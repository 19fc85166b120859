use convnet::cnn;

cnn! {
    pub struct Net: [8] -> [8] {
        permute([0]),
    }
}

fn main() {}
