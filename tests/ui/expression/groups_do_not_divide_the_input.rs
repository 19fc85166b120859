use convnet::cnn;

const GROUPS: usize = 3;

cnn! {
    pub struct Net: [8, 8, 8] -> [6, 4, 4] {
        conv1: conv2d(6, kernel = 5, groups = GROUPS),
    }
}

fn main() {}
