use convnet::cnn;

cnn! {
    pub struct Net: [64] -> [10] {
        Dense(10),
    }
}

fn main() {}
