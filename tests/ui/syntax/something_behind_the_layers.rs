use convnet::cnn;

cnn! {
    pub struct First: [1, 8, 8] -> [6, 4, 4] {
        conv2d(6, kernel = 5),
    }
    pub struct Second: [1, 8, 8] -> [6, 4, 4] {
        conv2d(6, kernel = 5),
    }
}

fn main() {}
