use convnet::cnn;

cnn! {
    pub struct Net: [2, 3, 3] -> [18] {
        reshape(18),
    }
}

fn main() {}
