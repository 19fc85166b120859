use convnet::cnn;

type Nothing = cnn!([1, 8, 8] ->);

fn main() {}
