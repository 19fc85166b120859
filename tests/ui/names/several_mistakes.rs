use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] {
        init: conv2d(6, kernel = 3),
        features: conv2d(6, kernel = 3),
        features: relu,
        relu_mut: relu,
    }
}

fn main() {}
