use convnet::cnn;

cnn! {
    pub struct Net: [3, 4, 4] -> [3, 4, 4] {
        normalize(mean = [0.485, 0.456, 0.406], std = [0.229]),
    }
}

fn main() {}
