use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 3, 3] with strict {
        conv1: conv2d(6, kernel = 3, stride = 2),
    }
}

fn main() {}
