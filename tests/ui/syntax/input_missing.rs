use convnet::cnn;

cnn! {
    pub struct Net {
        conv1: conv2d(6, kernel = 5),
    }
}

fn main() {}
