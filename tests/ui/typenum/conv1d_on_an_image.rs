use convnet::layers::Conv1d;
use convnet::shape::{Image, Window};
use convnet::typenum::{U1, U5, U6, U8};
use convnet::{Sequential, chain};

type Net = Sequential<Image<U1, U8, U8>, chain![Conv1d<U6, Window<U5>>]>;

fn main() {
    let _ = Net::init(1);
}
