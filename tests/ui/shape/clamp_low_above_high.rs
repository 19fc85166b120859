use convnet::cnn;

cnn! {
    pub struct Net: [8] -> [8] {
        clamp(1.0, -1.0),
    }
}

fn main() {}
