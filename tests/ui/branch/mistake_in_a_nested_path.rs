use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        outer: concat { identity, { conv2d(4, kernel = 1), inner: concat { relu, avg_pool2d(2) } } },
    }
}

fn main() {}
