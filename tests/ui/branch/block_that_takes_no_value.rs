use convnet::cnn;

cnn! {
    block activate { relu, tanh }

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        conv2d(8, kernel = 1),
        activate(3),
    }
}

fn main() {}
