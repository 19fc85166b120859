use convnet::cnn;

type Net = cnn!([64] with memory = tiny, weight = int8 -> linear(10));

fn main() {}
