use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [8, 4, 4] {
        bn1: batch_norm(momentum = 1.5),
        bn2: batch_norm(momentum = -0.1),
    }
}

fn main() {}
