//! A network with heads and a mistake, used everywhere.

use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> { scores: [10], boxes: [5] } {
        flatten,
        heads {
            scores: linear(10),
            boxes: linear(4),
        },
    }
}

fn boxes(output: &NetOutput) -> f32 {
    output.boxes[0]
}

fn main() {
    let net = Net::init(1);
    let output = net.forward(&convnet::Chw::zeros());
    println!("{} {}", output.scores[0], boxes(&output));
}
