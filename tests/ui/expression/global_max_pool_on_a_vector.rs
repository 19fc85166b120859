use convnet::cnn;

const SIDE: usize = 4;

cnn! {
    pub struct Net: [8, SIDE, SIDE] -> [8] {
        flatten,
        global_max_pool,
    }
}

fn main() {}
