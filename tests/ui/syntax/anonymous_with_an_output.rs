use convnet::cnn;

type Stem = cnn!([1, 8, 8] -> [6, 4, 4] { conv2d(6, kernel = 5) });

fn main() {}
