use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        a: conv2d(4, kernel = 1),
        tanh,
        concat { { relu, skip(a) }, identity },
    }
}

fn main() {}
