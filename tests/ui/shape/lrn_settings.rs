use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [8, 4, 4] {
        lrn(5, alpha = -1e-4),
        lrn(5, beta = -0.75),
        lrn(5, k = 0),
    }
}

fn main() {}
