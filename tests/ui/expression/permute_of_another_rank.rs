use convnet::cnn;

const LENGTH: usize = 100;

cnn! {
    pub struct Net: [8, LENGTH] -> [8, 100] {
        permute([2, 0, 1]),
    }
}

fn main() {}
