//! Heads of a network without a name.

use convnet::cnn;

type Net = cnn!([1, 8, 8] -> flatten, heads { scores: linear(10), boxes: linear(4) });

fn main() {}
