use convnet::cnn;

const GROUPS: usize = 3;

cnn! {
    pub struct Net: [8, 4, 4] -> [6, 8, 8] {
        up1: conv_transpose2d(6, kernel = 2, stride = 2, groups = GROUPS),
    }
}

fn main() {}
