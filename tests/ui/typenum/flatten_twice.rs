use convnet::layers::{Flatten, Linear};
use convnet::shape::Image;
use convnet::typenum::{U1, U8, U10};
use convnet::{Sequential, chain};

type Net = Sequential<Image<U1, U8, U8>, chain![Flatten, Flatten, Linear<U10>]>;

fn main() {
    let _ = Net::init(1);
}
