use convnet::layers::{Conv2d, Linear};
use convnet::shape::{Image, Window};
use convnet::typenum::{U1, U5, U6, U8, U10};
use convnet::{Sequential, chain};

type Net = Sequential<Image<U1, U8, U8>, chain![Conv2d<U6, Window<U5>>, Linear<U10>]>;

fn main() {
    let _ = Net::init(1);
}
