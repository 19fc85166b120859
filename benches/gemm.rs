//! The matrix products of im2col: GFLOP/s on one thread, ours with each instruction set and matrixmultiply's side by
//! side, and the share of what the core can do at best.
//!
//! `cargo bench --bench gemm`

#[path = "support/measure.rs"]
mod measure;

use convnet::ops::gemm::{Beta, Matrix, gemm};
use convnet::ops::{PANEL, Product};
use convnet::simd::Isa;
use measure::{numbers, peak, side_by_side};

/// [output channels, positions in a strip, taps].
const SHAPES: [(&str, [usize; 3]); 10] = [
    ("LeNet-5 conv1", [6, 784, 25]),
    ("LeNet-5 conv2", [16, 100, 150]),
    ("AlexNet conv1", [96, 220, 363]),
    ("AlexNet conv3", [384, 52, 2304]),
    ("VGG conv1_1", [64, 448, 27]),
    ("VGG conv1_2", [64, 224, 576]),
    ("VGG conv3_2", [256, 56, 2304]),
    ("VGG conv5_1", [512, 28, 4608]),
    ("GoogLeNet 3a 1x1", [64, 784, 192]),
    ("GoogLeNet 5a 1x1", [256, 49, 832]),
];

fn main() {
    let peak = peak();
    println!("peak {peak:.0} GFLOP/s");
    for (name, sizes) in SHAPES {
        let [m, n, k] = sizes;
        let flops = 2.0 * (m * n * k) as f64;
        let (a, b) = (numbers(m.next_multiple_of(PANEL) * k), numbers(k * n));
        print!("{name:18} {:17}", format!("{m}x{n}x{k}"));
        for isa in Isa::available() {
            let (mut ours, mut theirs) = (vec![0.0; m * n], vec![0.0; m * n]);
            let [own, library] =
                side_by_side([&mut || product(Product::On(isa), sizes, &a, &b, &mut ours), &mut || {
                    product(Product::Library, sizes, &a, &b, &mut theirs)
                }]);
            let (own, library) = (flops / own / 1e9, flops / library / 1e9);
            print!("  {isa} {own:5.1} ({:3.0} %, library {library:5.1})", own / peak * 100.0);
        }
        println!();
    }
}

fn product(product: Product, sizes: [usize; 3], a: &[f32], b: &[f32], c: &mut [f32]) {
    gemm(product, sizes, Matrix::panels(a, sizes[2]), Matrix::rows(b, sizes[1]), c, sizes[1], Beta::Zero);
}
