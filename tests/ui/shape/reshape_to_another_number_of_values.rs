use convnet::cnn;

cnn! {
    pub struct Net: [16, 5, 5] -> [16, 20] {
        reshape([16, 20]),
    }
}

fn main() {}
