use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [6, 4, 4] {
        conv1: ,
        relu,
    }
}

fn main() {}
