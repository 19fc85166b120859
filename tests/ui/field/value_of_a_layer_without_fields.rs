use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [1, 8, 8] {
        relu(6),
    }
}

fn main() {}
