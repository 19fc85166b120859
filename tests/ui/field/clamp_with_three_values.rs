use convnet::cnn;

cnn! {
    pub struct Net: [8] -> [8] {
        clamp(0.0, 1.0, 2.0),
    }
}

fn main() {}
