use convnet::cnn;

const SLOPE: f32 = 0.2;

cnn! {
    pub struct Net: [8] -> [8] {
        leaky_relu(SLOPE),
    }
}

fn main() {}
