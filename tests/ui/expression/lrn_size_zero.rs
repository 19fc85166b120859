use convnet::cnn;

const SIZE: usize = 0;

cnn! {
    pub struct Net: [8, 4, 4] -> [8, 4, 4] {
        lrn(SIZE),
    }
}

fn main() {}
