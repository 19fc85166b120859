use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [12, 16, 16] {
        a: conv2d(4, kernel = 1),
        b: conv2d(4, kernel = 1),
        c: conv2d(4, kernel = 1),
        concat { skip(a), identity },
        concat { skip(b), identity },
    }
}

fn main() {}
