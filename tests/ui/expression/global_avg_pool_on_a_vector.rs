use convnet::cnn;

const SIDE: usize = 8;

cnn! {
    pub struct Net: [1, SIDE, SIDE] -> [10] {
        flatten,
        global_avg_pool,
        fc1: linear(10),
    }
}

fn main() {}
