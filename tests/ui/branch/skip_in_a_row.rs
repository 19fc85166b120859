use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        a: conv2d(8, kernel = 1),
        relu,
        skip(a),
    }
}

fn main() {}
