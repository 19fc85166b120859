use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [8] {
        flatten,
        global_max_pool,
    }
}

fn main() {}
