use convnet::cnn;

type Net = cnn!([1, 28, 28] -> normalize(mean = [0.13], std = [0.31]), flatten);

fn main() {}
