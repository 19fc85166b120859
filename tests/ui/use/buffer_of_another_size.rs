use convnet::{Chw, Flat, cnn};

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(6, kernel = 5), relu,
        flatten,
        fc1: linear(10),
    }
}

fn main() {
    let net = Net::init(1);
    let mut output = Flat::<12>::zeros();
    net.forward_into(&Chw::zeros(), &mut output, &mut Net::scratch());
}
