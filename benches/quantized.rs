//! One forward pass in whole numbers beside that of the prepared network in floats, both in the caller's memory on one thread,
//! with products of bytes a nanosecond.
//!
//! `cargo bench --bench quantized`; with `CONVNET_ISA=avx2` in the environment the instructions of that.

#[path = "support/measure.rs"]
mod measure;

use convnet::arena::Floats;
use convnet::models::{LeNet5, MobileNetV2, ResNet18, Vgg16};
use convnet::simd::Isa;
use convnet::{Network, Quantized, cnn};
use measure::side_by_side;

cnn! {
    /// Depthwise separable convolutions, for spoken words: that of `benches/versus`.
    struct DsCnn: [1, 49, 10] -> [12] {
        conv: conv2d(64, kernel = (10, 4), stride = 2, padding = (5, 1)), relu,
        blocks: repeat 4 {
            depthwise: depthwise_conv2d(kernel = 3, padding = 1), relu,
            pointwise: conv2d(64, kernel = 1), relu,
        },
        global_avg_pool,
        fc: linear(12),
    }
}

fn main() {
    println!("{}", Isa::best());
    network::<LeNet5>();
    network::<DsCnn>();
    network::<MobileNetV2>();
    network::<ResNet18>();
    network::<Vgg16>();
}

fn network<N: Network<Scratch: Floats>>() {
    let network = N::init(1);
    let prepared = network.prepare();
    let mut input = N::Input::zeroed_vec(1);
    for (i, value) in input[0].as_floats_mut().iter_mut().enumerate() {
        *value = (i * 7919 % 255) as f32 / 255.0;
    }
    let quantized = network.quantize(&input).expect("every layer has an integer kernel");
    let (mut floats, mut output) = (N::Output::zeroed_vec(1), N::Output::zeroed_vec(1));
    let (mut arena, mut scratch) = (N::Scratch::zeroed_box(), vec![0; Quantized::<N>::SCRATCH_BYTES]);
    let [float, byte] =
        side_by_side([&mut || prepared.forward_into(&input[0], &mut floats[0], &mut arena), &mut || {
            quantized.forward_into(&input[0], &mut output[0], &mut scratch)
        }]);
    println!(
        "{:12} f32 {:9.4} ms, int8 {:9.4} ms, {:.2} times as fast, {:6.1} products/ns; {:9} bytes of {:9}, scratch {:8} of {:8}",
        N::ARCHITECTURE.name,
        float * 1e3,
        byte * 1e3,
        float / byte,
        N::ARCHITECTURE.macs() as f64 / byte / 1e9,
        Quantized::<N>::BYTES,
        N::ARCHITECTURE.prepared_bytes(),
        Quantized::<N>::SCRATCH_BYTES,
        N::ARCHITECTURE.scratch_bytes(1),
    );
}
