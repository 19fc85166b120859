use convnet::{Quantized, cnn};

cnn! {
    pub struct Net: [1, 28, 28] -> [10] {
        flatten,
        fc1: linear(10),
    }
}

static NET: Quantized<Net> = Quantized::from_bytes(include_bytes!("../../fixtures/quantized/lenet5.int8"));

fn main() {
    println!("{:?}", NET.forward(&convnet::Chw::zeros()));
}
