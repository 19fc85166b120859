use convnet::{Prepared, cnn, embed};

cnn! {
    pub struct Net: [1, 5, 5] -> [2] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(2),
    }
}

static NET: Prepared<Net> = embed!(Net, "header_without_a_comma.safetensors");

fn main() {}
