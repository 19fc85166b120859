//! Every network of `convnet::models` in one table: what it costs, what it needs, how long it takes.
//!
//! ```sh
//! cargo run --release --example zoo
//! ```
//!
//! Parameters, multiply-accumulates and scratch are constants of the types; only the time of a forward pass, prepared, one
//! image, one thread, the best of three, is measured. Weights are random.

use std::time::{Duration, Instant};

use convnet::Network;
use convnet::arena::Floats;
use convnet::models::*;

fn main() {
    println!(
        "{:<22}{:>20}{:>15}{:>18}{:>12}{:>10}{:>9}",
        "network", "input", "parameters", "multiply-adds", "scratch KiB", "ms", "GFLOP/s"
    );
    macro_rules! rows {
        ($($network:ident)+) => {$(row::<$network>();)+};
    }
    rows!(LeNet5 AlexNet AlexNetGrouped AlexNetTorchvision Vgg11 Vgg13 Vgg16 Vgg19 GoogLeNet GoogLeNetTorchvision);
    rows!(SqueezeNet1_0 SqueezeNet1_1 ResNet18 ResNet34 MobileNetV1 MobileNetV2 UNet M5 C3d PNet12 RNet ONet GoogLeNetAuxiliary);
}

fn row<N: Network>() {
    let architecture = N::ARCHITECTURE;
    let macs = architecture.macs();
    let time = forward::<N>();
    println!(
        "{:<22}{:>20}{:>15}{:>18}{:>12}{:>10.2}{:>9.1}",
        architecture.name,
        architecture.input.to_string(),
        architecture.params(),
        macs,
        architecture.scratch_bytes(1) / 1024,
        time.as_secs_f64() * 1e3,
        2.0 * macs as f64 / time.as_secs_f64() / 1e9,
    );
}

/// The best of three.
fn forward<N: Network>() -> Duration {
    let net = N::init(1).prepare();
    let mut input = N::Input::zeroed_box();
    for (index, value) in input.as_floats_mut().iter_mut().enumerate() {
        *value = (index as f32 * 0.37).sin();
    }
    let once = || {
        let start = Instant::now();
        std::hint::black_box(net.forward(&input));
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}
