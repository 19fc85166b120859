use convnet::cnn;

cnn! {
    pub struct Net: [64] -> [64] {
        dropout("half"),
    }
}

fn main() {}
