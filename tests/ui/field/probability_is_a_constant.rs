use convnet::cnn;

const RATE: f32 = 0.5;

cnn! {
    pub struct Net: [64] -> [64] {
        dropout(RATE),
    }
}

fn main() {}
