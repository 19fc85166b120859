use convnet::cnn;

cnn! {
    block ping { relu, pong }
    block pong { tanh, ping }

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        ping,
    }
}

fn main() {}
