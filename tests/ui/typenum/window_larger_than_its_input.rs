use convnet::layers::{Conv2d, MaxPool2d, Relu};
use convnet::shape::{Image, Window};
use convnet::typenum::{U1, U2, U5, U6, U8};
use convnet::{Sequential, chain};

type Net = Sequential<Image<U1, U8, U8>, chain![Conv2d<U6, Window<U5>>, Relu, MaxPool2d<Window<U2>>, Conv2d<U6, Window<U5>>]>;

fn main() {
    let _ = Net::init(1);
}
