use convnet::cnn;

const SIDE: usize = 5;

cnn! {
    pub struct Net: [16, SIDE, SIDE] -> [16, 20] {
        reshape([16, 20]),
    }
}

fn main() {}
