use convnet::cnn;

cnn! {
    block relu(slope) { leaky_relu(slope) }

    pub struct Net: [3, 16, 16] -> [3, 16, 16] {
        relu,
    }
}

fn main() {}
