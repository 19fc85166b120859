use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [8, 4, 4] {
        prelu(0.25),
    }
}

fn main() {}
