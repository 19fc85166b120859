use convnet::cnn;

cnn! {}

fn main() {}
