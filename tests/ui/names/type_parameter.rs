use convnet::cnn;

cnn! {
    pub struct Net<H, W>: [3, H, W] -> [6] {
        conv1: conv2d(6, kernel = 5),
        global_avg_pool,
    }
}

fn main() {}
