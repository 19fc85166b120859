use convnet::cnn;

cnn! {
    pub struct Net: [3, 4, 4] -> [3, 4, 4] {
        normalize(mean = [0.5, 0.5, 0.5], std = [0.5, 0, 0.5]),
    }
}

fn main() {}
