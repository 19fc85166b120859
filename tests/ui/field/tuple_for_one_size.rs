use convnet::cnn;

cnn! {
    pub struct Net: [64] -> [12] {
        fc1: linear((3, 4)),
    }
}

fn main() {}
