//! Every kernel on blocked values against the textbook in f64, with every instruction set that this CPU has.
//!
//! Kernels read and write blocked values where the textbook has planar ones; [`blocked`] and [`planar`] turn one into the
//! other, said once more in the plainest way. Outputs and scratch begin as NaN, so that a place which nobody writes, or which
//! is read before it is written, is seen.

extern crate std;

mod channels;
mod depthwise;
mod direct;
mod linear;
mod lrn;
mod narrow;
mod pool;
mod rows;
mod strip;
#[cfg(feature = "rayon")]
mod threads;
mod winograd;

use crate::ops::Activation;
use crate::ops::geometry::{Conv, input_cells};
use crate::ops::reference;
use crate::ops::testing::{String, Vec, format, numbers, vec, wide};
use crate::simd::Isa;
use convnet_shape::plan::Layout;
use std::println;

/// Every kind of epilogue: fused ones, and one that is applied to what has been stored.
const ACTIVATIONS: [Option<Activation>; 5] = [
    None,
    Some(Activation::Relu),
    Some(Activation::Clamp(-0.25, 0.5)),
    Some(Activation::LeakyRelu(0.125)),
    Some(Activation::Tanh),
];

/// `[N, C, cells]` → `[N][C / 16][cells][16]`.
fn blocked(channels: usize, cells: usize, planar: &[f32]) -> Vec<f32> {
    let mut blocked = vec![f32::NAN; planar.len()];
    each_place(channels, cells, planar.len(), |from, to| blocked[to] = planar[from]);
    blocked
}

/// `[N][C / 16][cells][16]` → `[N, C, cells]`.
fn planar(channels: usize, cells: usize, blocked: &[f32]) -> Vec<f32> {
    let mut planar = vec![f32::NAN; blocked.len()];
    each_place(channels, cells, blocked.len(), |to, from| planar[to] = blocked[from]);
    planar
}

/// Calls `f` with the place of each value in planar and in blocked order.
fn each_place(channels: usize, cells: usize, len: usize, mut f: impl FnMut(usize, usize)) {
    assert!(channels.is_multiple_of(16) && len.is_multiple_of(channels * cells));
    let mut place = 0;
    for sample in 0..len / (channels * cells) {
        for block in 0..channels / 16 {
            for cell in 0..cells {
                for lane in 0..16 {
                    f((sample * channels + block * 16 + lane) * cells + cell, place);
                    place += 1;
                }
            }
        }
    }
}

/// The largest magnitude of a finite value.
fn largest(values: &[f64]) -> f64 {
    values.iter().filter(|x| x.is_finite()).fold(f64::MIN_POSITIVE, |max, x| max.max(x.abs()))
}

/// The largest difference, relative to the largest finite value that is expected; ∞ if a NaN or an ∞ is not where it is
/// expected, or nowhere expected.
fn error(got: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len());
    let differences = got.iter().zip(expected).map(|(got, expected)| match (f64::from(*got), *expected) {
        (got, expected) if got == expected || got.is_nan() && expected.is_nan() => 0.0,
        (got, expected) if got.is_finite() && expected.is_finite() => (got - expected).abs(),
        _ => f64::INFINITY,
    });
    differences.fold(0.0, f64::max) / largest(expected)
}

/// [`error`] is at most so much, or a panic that says of what.
#[track_caller]
fn assert_error(got: &[f32], expected: &[f64], most: f64, what: impl FnOnce() -> String) {
    let error = error(got, expected);
    if error > most {
        let at = (0..got.len()).find(|at| self::error(&got[*at..=*at], &expected[*at..=*at]) > most);
        let at = at.unwrap_or_default();
        panic!("{}: error {error:e}, as at {at}: {}, expected {}", what(), got[at], expected[at]);
    }
}

/// A convolution's operands, and what the textbook makes of them.
struct Operands {
    input: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    expected: Vec<f64>,
}

impl Operands {
    /// Random ones.
    fn new(g: &Conv, batch: usize) -> Self {
        let bias = if g.bias { numbers(3, g.out_channels) } else { vec![] };
        Self::of(g, batch, numbers(1, batch * g.input_len()), numbers(2, g.weight_len()), bias)
    }

    fn of(g: &Conv, batch: usize, input: Vec<f32>, weight: Vec<f32>, bias: Vec<f32>) -> Self {
        let mut expected = vec![0.0; batch * g.output_len()];
        reference::conv_forward(g, batch, &wide(&input), &wide(&weight), &wide(&bias), &mut expected);
        Self { input, weight, bias, expected }
    }

    /// What is expected of an activation behind it, and by how much an error relative to the largest sum is then more
    /// relative to the largest value.
    fn activated(&self, activation: Option<Activation>) -> (Vec<f64>, f64) {
        activated(&self.expected, activation)
    }

    fn blocked_input(&self, g: &Conv) -> Vec<f32> {
        blocked(g.in_channels, input_cells(&g.axes), &self.input)
    }
}

/// See [`Operands::activated`].
fn activated(sums: &[f64], activation: Option<Activation>) -> (Vec<f64>, f64) {
    let mut expected = sums.to_vec();
    if let Some(activation) = activation {
        reference::activation_forward(activation, &mut expected);
    }
    let factor = largest(sums) / largest(&expected);
    (expected, factor.max(1.0))
}

#[test]
fn blocked_values_lie_where_the_layout_says() {
    for (channels, cells) in [(16, 1), (16, 5), (48, 7)] {
        let values: Vec<f32> = (0..channels * cells).map(|index| index as f32).collect();
        let (blocked, layout) = (blocked(channels, cells, &values), Layout::Blocked { cells });
        assert!(values.iter().enumerate().all(|(index, value)| blocked[layout.place(index)] == *value));
        assert_eq!(planar(channels, cells, &blocked), values);
        assert!((0..values.len()).all(|index| Layout::Planar.place(index) == index));
    }
}
