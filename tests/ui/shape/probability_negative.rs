use convnet::cnn;

cnn! {
    pub struct Net: [64] -> [64] {
        dropout(-0.5),
    }
}

fn main() {}
