use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [1, 8, 8] {}
}

fn main() {}
