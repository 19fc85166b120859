use convnet::{Chw, cnn};

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(6, kernel = 5), relu,
        flatten,
        fc1: linear(10),
    }
}

fn classify(net: &Net) {
    let _ = net.forward(&Chw::zeros());
}

fn main() {
    classify(&Net::init(1).prepare());
}
