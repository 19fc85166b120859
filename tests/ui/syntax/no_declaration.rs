use convnet::cnn;

cnn! {
    1 + 1 {
        relu,
    }
}

fn main() {}
