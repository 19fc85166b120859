use convnet::cnn;

cnn! {
    block nothing {}

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        conv2d(8, kernel = 1),
        nothing,
    }
}

fn main() {}
