use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [8, 4, 4] {
        batch_norm(epsilon = "small"),
    }
}

fn main() {}
