use convnet::layers::Relu;
use convnet::shape::Vector;
use convnet::typenum::U8;
use convnet::{Sequential, chain};

struct Shout;

type Net = Sequential<Vector<U8>, chain![Relu, Shout]>;

fn main() {
    let _ = Net::init(1);
}
