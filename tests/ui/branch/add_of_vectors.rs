use convnet::cnn;

cnn! {
    pub struct Net: [3, 4, 4] -> [4] {
        flatten,
        add { linear(4), linear(5) },
    }
}

fn main() {}
