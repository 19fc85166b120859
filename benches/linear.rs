//! Linear layers on one thread: weights of 32, 16 and 8 bits side by side. One sample is bound by memory, so what counts
//! there are GB/s of packed weights; many samples are bound by arithmetic, and have GFLOP/s.
//!
//! `cargo bench --bench linear`

#[path = "support/measure.rs"]
mod measure;

use convnet::ops::geometry::Linear;
use convnet::ops::{Product, linear::stored};
use convnet::options::Stored;
use convnet::simd::Isa;
use measure::{numbers, side_by_side};

const STORED: [Stored; 4] = [Stored::F32, Stored::F16, Stored::Bf16, Stored::Int8];

/// [values of the input, values of the output, samples].
const SHAPES: [(&str, [usize; 3]); 4] = [
    ("AlexNet fc6", [9216, 4096, 1]),
    ("AlexNet fc6", [9216, 4096, 16]),
    ("VGG fc7", [4096, 4096, 1]),
    ("LeNet-5 fc1", [400, 120, 1]),
];

fn main() {
    for (name, [in_features, out_features, batch]) in SHAPES {
        let g = Linear { in_features, out_features, bias: true };
        let (input, weight, bias) =
            (numbers(batch * in_features), numbers(out_features * in_features), numbers(out_features));
        let packed = STORED.map(|stored| {
            let mut packed = vec![0.0; stored::packed_floats(&g, stored)];
            stored::pack(&g, stored, &weight, &bias, &mut packed);
            packed
        });
        for isa in Isa::available() {
            print!("{name:12} {in_features}x{out_features} x{batch:<3} {:9}", isa.name());
            let mut outputs = STORED.map(|_| vec![0.0; batch * out_features]);
            let [o32, o16, ob16, o8] = &mut outputs;
            let run = |i: usize, output: &mut [f32]| {
                stored::forward(&g, STORED[i], batch, &input, &packed[i], None, output, Product::On(isa));
            };
            let seconds =
                side_by_side([&mut || run(0, o32), &mut || run(1, o16), &mut || run(2, ob16), &mut || run(3, o8)]);
            for ((stored, packed), seconds) in STORED.iter().zip(&packed).zip(seconds) {
                let bytes = size_of_val(packed.as_slice()) as f64;
                let (milliseconds, flops) = (seconds * 1e3, 2.0 * (batch * in_features * out_features) as f64);
                match batch {
                    1 => print!("  {stored:?} {milliseconds:7.3} ms {:5.1} GB/s", bytes / seconds / 1e9),
                    _ => print!("  {stored:?} {milliseconds:7.3} ms {:5.1} GFLOP/s", flops / seconds / 1e9),
                }
            }
            println!();
        }
    }
}
