use convnet::layers::Conv2d;
use convnet::shape::{Vector, Window};
use convnet::typenum::{U5, U6, U8};
use convnet::{Sequential, chain};

type Net = Sequential<Vector<U8>, chain![Conv2d<U6, Window<U5>>]>;

fn main() {
    let _ = Net::init(1);
}
