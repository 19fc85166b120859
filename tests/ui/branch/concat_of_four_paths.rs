use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [8, 16, 16] {
        inception: concat {
            conv2d(2, kernel = 1),
            { conv2d(2, kernel = 1), relu, conv2d(2, kernel = 3, padding = 1) },
            { conv2d(2, kernel = 1), relu, conv2d(2, kernel = 5, padding = 1) },
            { max_pool2d(3, stride = 1, padding = 1), conv2d(2, kernel = 1) },
        },
    }
}

fn main() {}
