use convnet::{Prepared, embed};


static NET: Prepared<u32> = embed!(u32, "right.safetensors");

fn main() {}
