use convnet::cnn;

cnn! {
    pub struct Net: [1, 4, 4] -> [1, 4, 4] {
        normalize(mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225]),
    }
}

fn main() {}
