//! One forward pass of the networks of `convnet::models`, prepared and canonical, on one thread, with GFLOP/s and the
//! share of what the core can do at best.
//!
//! `cargo bench --bench networks`

#[path = "support/measure.rs"]
mod measure;

use convnet::Network;
use convnet::arena::Floats;
use convnet::models::{AlexNet, GoogLeNet, LeNet5, MobileNetV2, ResNet18, Vgg16};
use measure::{peak, side_by_side};

fn main() {
    let peak = peak();
    println!("peak {peak:.0} GFLOP/s");
    network::<LeNet5>(peak);
    network::<AlexNet>(peak);
    network::<Vgg16>(peak);
    network::<GoogLeNet>(peak);
    network::<ResNet18>(peak);
    network::<MobileNetV2>(peak);
}

fn network<N: Network<Scratch: Floats>>(peak: f64) {
    let network = N::init(1);
    let prepared = network.prepare();
    let mut input = N::Input::zeroed_vec(1);
    for (i, value) in input[0].as_floats_mut().iter_mut().enumerate() {
        *value = (i % 255) as f32 / 255.0;
    }
    let mut output = N::Output::zeroed_vec(1);
    let mut scratch = N::Scratch::zeroed_box();
    let [canonical, packed, into] = side_by_side([
        &mut || drop(std::hint::black_box(network.forward(&input[0]))),
        &mut || drop(std::hint::black_box(prepared.forward(&input[0]))),
        &mut || prepared.forward_into(&input[0], &mut output[0], &mut scratch),
    ]);
    let flops = 2.0 * N::ARCHITECTURE.macs() as f64;
    let name = N::ARCHITECTURE.name;
    let rate = flops / packed / 1e9;
    println!(
        "{name:12} prepared {:8.3} ms, {rate:5.1} GFLOP/s, {:3.0} %; in the caller's memory {:8.3} ms; canonical {:8.3} ms",
        packed * 1e3,
        rate / peak * 100.0,
        into * 1e3,
        canonical * 1e3
    );
}
