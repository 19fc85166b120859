use convnet::cnn;

const SIDE: usize = 7;

cnn! {
    pub struct Net: [16, 5, 5] -> [SIDE, SIDE] {
        reshape([SIDE, SIDE]),
    }
}

fn main() {}
