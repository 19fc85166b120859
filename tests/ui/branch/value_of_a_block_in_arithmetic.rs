use convnet::cnn;

cnn! {
    block grouped(c) {
        conv2d(2 * c, kernel = 1), relu, conv2d(c + 2, kernel = 1, groups = c),
    }

    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        grouped(6),
    }
}

fn main() {}
