use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] with weights = f64 {
        conv1: conv2d(6, kernel = 5),
    }
}

fn main() {}
