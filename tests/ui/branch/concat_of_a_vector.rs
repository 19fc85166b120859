use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        concat { conv2d(4, kernel = 1), flatten },
    }
}

fn main() {}
