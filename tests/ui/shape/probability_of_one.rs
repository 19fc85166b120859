use convnet::cnn;

cnn! {
    pub struct Net: [64] -> [64] {
        dropout(1.0),
    }
}

fn main() {}
