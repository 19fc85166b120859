//! A generic network with a mistake, used everywhere.

use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [10] {
        conv2d(8, kernel = 5),
        linear(10),
    }
}

cnn!(type Small = Net[32, 32]);

fn main() {
    let net = Small::init(1);
    let scores = net.forward(&convnet::Tensor::zeros());
    println!("{:?}", scores.as_slice());
}
