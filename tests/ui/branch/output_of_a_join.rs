use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        concat { identity, conv2d(5, kernel = 1) } => [5, 16, 16],
    }
}

fn main() {}
