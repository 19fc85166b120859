//! Quantised networks against the same in floats: a trained one on digits, and networks of all kinds of layers with random
//! weights; their bytes; and the same results on every instruction set.

#[path = "../examples/digits/idx.rs"]
#[allow(dead_code)]
mod idx;
#[path = "support/numbers.rs"]
mod numbers;

use std::path::Path;

use convnet::arena::Floats;
use convnet::models::LeNet5;
use convnet::{Chw, Network, Quantized, cnn};

use numbers::numbers;

fn digits() -> idx::Dataset {
    idx::read_dataset(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data")).unwrap()
}

fn most_likely(scores: &[f32]) -> usize {
    (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap()
}

/// LeNet-5 with the bundled weights, and the same quantised with the first hundred digits to learn from.
fn lenet(digits: &idx::Dataset) -> (LeNet5, Quantized<LeNet5>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/lenet5.safetensors");
    let net = LeNet5::load(path).unwrap();
    let samples = Chw::many_from_slice(&digits.train.images[..100 * 784]).unwrap();
    let quantized = net.quantize(samples).unwrap();
    (net, quantized)
}

#[test]
fn lenet_reads_digits_as_well_in_whole_numbers() {
    let digits = digits();
    let (net, quantized) = lenet(&digits);
    let images = Chw::many_from_slice(&digits.test.images).unwrap();
    let share = |outputs: &[convnet::Flat<10>]| {
        let right = outputs.iter().zip(&digits.test.labels).filter(|(scores, label)| {
            most_likely(scores.as_slice()) == usize::from(**label)
        });
        100.0 * right.count() as f64 / outputs.len() as f64
    };
    let (floats, bytes) = (share(&net.forward_batch(images)), share(&quantized.forward_batch(images)));
    println!("{} digits: {floats:.2} % in f32, {bytes:.2} % in int8", images.len());
    assert!(floats - bytes < 0.5 && floats > 98.0);
}

