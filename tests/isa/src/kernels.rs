//! The kernels of `convnet::ops`, each on a table of sizes, against `convnet::ops::reference` in f64.
//!
//! Kernels that take a `Product` run on every instruction set of the suite; the others, gradients among them, on the
//! one that kernels choose.

mod conv;
mod conv_transpose;
mod gemm;
mod linear;
mod pool;
mod quantized;

use convnet::ops::geometry::Axis;
use convnet::ops::window::{Padding, Rounding, Window};

use crate::suite::Suite;

/// Sizes around 16 lanes, their quarters, and the tiles that are made of them.
const EDGES: [usize; 14] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 32, 33];

pub fn check(suite: &mut Suite) {
    gemm::check(suite);
    conv::check(suite);
    conv_transpose::check(suite);
    linear::check(suite);
    pool::check(suite);
    quantized::check(suite);
}

fn axis(input: usize, kernel: usize, stride: usize, dilation: usize, [before, after]: [usize; 2]) -> Axis {
    let window = Window { kernel, stride, padding: Padding::Cells(before, after), dilation };
    Axis::new(input, &window, Rounding::Floor)
}

/// The axis that keeps its size at stride 1.
fn same(input: usize, kernel: usize, stride: usize, dilation: usize) -> Axis {
    Axis::new(input, &Window { kernel, stride, padding: Padding::Same, dilation }, Rounding::Floor)
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|x| f64::from(*x)).collect()
}
