use convnet::layers::{Conv2d, GlobalAvgPool};
use convnet::shape::{Dim, Image, Window};
use convnet::typenum::{U3, U5, U6};
use convnet::{Sequential, chain};

type Net = chain![Conv2d<U6, Window<U5>>, GlobalAvgPool];

fn make<H: Dim, W: Dim>() {
    let _ = Sequential::<Image<U3, H, W>, Net>::init(1);
}

fn main() {}
