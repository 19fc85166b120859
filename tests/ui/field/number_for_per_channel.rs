use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [8, 4, 4] {
        prelu(per_channel = 8),
    }
}

fn main() {}
