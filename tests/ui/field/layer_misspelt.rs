use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        flaten,
        linear(10),
    }
}

fn main() {}
