use convnet::layers::Relu;
use convnet::typenum::U8;
use convnet::{Sequential, chain};

type Net = Sequential<U8, chain![Relu]>;

fn main() {
    let _ = Net::init(1);
}
