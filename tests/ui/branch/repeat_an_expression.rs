use convnet::cnn;

const DEPTH: usize = 3;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        conv2d(8, kernel = 1),
        repeat DEPTH { relu },
    }
}

fn main() {}
