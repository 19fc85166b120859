use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] {
        attention(6),
    }
}

fn main() {}
