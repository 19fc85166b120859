use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [1, 8, 8] {
        relu(inplace = true),
    }
}

fn main() {}
