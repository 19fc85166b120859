use convnet::{Chw, cnn};

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(6, kernel = 5), relu,
        flatten,
        fc1: linear(10),
    }
}

fn main() {
    let net = Net::init(1);
    let _ = net.forward(&Chw::<1, 28, 28>::zeros());
}
