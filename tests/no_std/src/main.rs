//! No std, no heap: a network in read-only data, run in static memory.
//!
//! Were std linked anywhere, its panic handler and the one here would be two, and the program would not link; there
//! is no allocator, so nothing can allocate.
#![no_std]
#![no_main]

use convnet::{Chw, Flat, Prepared, Quantized, cnn, embed};

cnn! {
    struct Tiny: [1, 6, 6] -> [3] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(3, bias = false),
    }
}

cnn! {
    struct LeNet5: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
    }
}

/// In whole numbers, run where the bytes lie.
static DIGITS: Quantized<LeNet5> = Quantized::from_bytes(include_bytes!("../../fixtures/quantized/lenet5.int8"));

static NET: Prepared<Tiny> = embed!(Tiny, "../../fixtures/weights/tiny.safetensors");

cnn! {
    struct Net: [1, 5, 5] -> [2] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(2),
    }
}

/// A packed file, put here by the assembler, with pairs of an input and an output.
static PACKED: Prepared<Net> = embed!(Net, "../../ui/weights/right.convnet", vectors);

// The host's start-up code and `memcpy`; firmware brings its own.
#[link(name = "c")]
unsafe extern "C" {}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// 0 if the answer is that of the textbook loops, computed here from the file's own bytes, if the packed network gives what its
/// test vectors say, and if the network in whole numbers reads a digit.
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    let image = Chw([[[0.5; 6]; 6]]);
    let mut scores: Flat<3> = Flat::zeros();
    let mut scratch = Tiny::scratch();
    NET.forward_into(&image, &mut scores, &mut scratch);
    let expected = by_the_textbook(include_bytes!("../../fixtures/weights/tiny.safetensors"));
    let close = scores.iter().zip(expected).all(|(got, expected)| {
        let difference = got - expected;
        (-1e-5..1e-5).contains(&difference)
    });
    let verified = PACKED.verify_into(1e-5, &mut Flat::zeros(), &mut Net::scratch()).is_ok();
    let read = most_likely_digit_of_a_stroke() == 1;
    i32::from(!close) + 2 * i32::from(!verified) + 4 * i32::from(!read)
}

/// What LeNet-5 takes one upright stroke for.
fn most_likely_digit_of_a_stroke() -> usize {
    let mut image: Chw<1, 28, 28> = Chw::zeros();
    for row in &mut image[0][4..24] {
        row[13..15].fill(1.0);
    }
    let mut scores = Flat([0.0; 10]);
    DIGITS.forward_into(&image, &mut scores, &mut [0; Quantized::<LeNet5>::SCRATCH_BYTES]);
    (1..10).fold(0, |best, digit| if scores[digit] > scores[best] { digit } else { best })
}

/// The same network on a constant image: values in the file are conv1.bias, conv1.weight, fc1.weight.
fn by_the_textbook(file: &[u8]) -> [f32; 3] {
    let values = &file[file.len() - 4 * (2 + 18 + 96)..];
    let value = |index: usize| f32::from_le_bytes([0, 1, 2, 3].map(|byte| values[4 * index + byte]));
    let channel = |c: usize| {
        let sum: f32 = (0..9).map(|tap| 0.5 * value(2 + 9 * c + tap)).sum();
        (sum + value(c)).max(0.0)
    };
    let hidden = [channel(0), channel(1)];
    core::array::from_fn(|out| (0..32).map(|i| hidden[i / 16] * value(20 + 32 * out + i)).sum())
}
