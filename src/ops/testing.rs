//! What the tests of the kernels share: numbers, comparisons, geometries.

extern crate std;

use proptest::prelude::*;
pub use std::{format, string::String, vec, vec::Vec};

use super::geometry::{Axis, Conv, Pool};
use super::window::{Padding, Rounding, Window};

/// `length` numbers in −1…1 from a seed: a multiplicative generator, good enough to tell indices apart.
pub fn numbers(seed: u64, length: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..length).map(|_| next()).collect()
}

/// The same numbers in f64.
pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|x| f64::from(*x)).collect()
}

/// Whether max |a − b| ≤ tolerance · max(1, max |b|), or where and how far they differ.
pub fn close(got: &[f32], expected: &[f32], tolerance: f32) -> Result<(), String> {
    if got.len() != expected.len() {
        return Err(format!("{} values, {} expected", got.len(), expected.len()));
    }
    let scale = expected.iter().fold(1.0_f32, |max, x| max.max(x.abs()));
    for (at, (a, b)) in got.iter().zip(expected).enumerate() {
        let difference = (a - b).abs();
        if difference > tolerance * scale || difference.is_nan() {
            return Err(format!("[{at}] is {a}, expected {b}"));
        }
    }
    Ok(())
}

/// [`close`] at 1e-5, or a panic that says of what.
#[track_caller]
pub fn assert_close(got: &[f32], expected: &[f32], what: &str) {
    if let Err(difference) = close(got, expected, 1e-5) {
        panic!("{what}: {difference}");
    }
}

/// An axis with explicit numbers.
pub fn axis(input: usize, kernel: usize, stride: usize, padding: [usize; 2], dilation: usize) -> Axis {
    let padding = Padding::Cells(padding[0], padding[1]);
    Axis::new(input, &Window { kernel, stride, padding, dilation }, Rounding::Floor)
}

/// A two-dimensional convolution on a square image.
pub fn square_conv(channels: [usize; 2], size: usize, kernel: usize, stride: usize, padding: usize) -> Conv {
    let axis = axis(size, kernel, stride, [padding; 2], 1);
    Conv { in_channels: channels[0], out_channels: channels[1], groups: 1, bias: true, axes: [Axis::UNIT, axis, axis] }
}

/// Any axis whose window fits: kernel 1…7, stride 1…3, dilation 1…2, unequal padding below the window's extent.
pub fn any_axis(rounding: impl Strategy<Value = Rounding>) -> impl Strategy<Value = Axis> {
    (1_usize..=7, 1_usize..=3, 1_usize..=2, 0_usize..=6, 0_usize..=6, 0_usize..=8, rounding).prop_map(
        |(kernel, stride, dilation, before, after, more, rounding)| {
            let reach = dilation * (kernel - 1);
            let (before, after) = (before.min(reach), after.min(reach));
            let input = (reach + 1).saturating_sub(before + after).max(1) + more;
            let window = Window { kernel, stride, padding: Padding::Cells(before, after), dilation };
            Axis::new(input, &window, rounding)
        },
    )
}

/// Three axes, of which the first one or two are units.
fn any_axes(rounding: impl Strategy<Value = Rounding> + Clone) -> impl Strategy<Value = [Axis; 3]> {
    let one = || any_axis(rounding.clone());
    prop_oneof![
        one().prop_map(|w| [Axis::UNIT, Axis::UNIT, w]),
        (one(), one()).prop_map(|(h, w)| [Axis::UNIT, h, w]),
        (one(), one()).prop_map(|(h, w)| [Axis::UNIT, h, w]),
        (small_axis(), one(), small_axis()).prop_map(|(d, h, w)| [d, h, w]),
    ]
}

fn small_axis() -> impl Strategy<Value = Axis> {
    (1_usize..=3, 1_usize..=2, 0_usize..=2)
        .prop_map(|(kernel, stride, more)| axis(kernel + more, kernel, stride, [kernel - 1, 0], 1))
}

/// Any convolution of up to 12 channels, with groups and depthwise ones among them.
pub fn any_conv() -> impl Strategy<Value = Conv> {
    let channels = prop_oneof![
        (1_usize..=6, 1_usize..=9).prop_map(|(i, o)| (i, o, 1)),
        (1_usize..=3, 1_usize..=3, 2_usize..=4).prop_map(|(i, o, groups)| (i * groups, o * groups, groups)),
        (2_usize..=5, 1_usize..=2).prop_map(|(channels, multiplier)| (channels, channels * multiplier, channels)),
    ];
    (channels, any::<bool>(), any_axes(Just(Rounding::Floor))).prop_map(
        |((in_channels, out_channels, groups), bias, axes)| Conv { in_channels, out_channels, groups, bias, axes },
    )
}

/// Any pool of up to 3 channels, ceil mode among them.
pub fn any_pool() -> impl Strategy<Value = Pool> {
    let rounding = prop_oneof![Just(Rounding::Floor), Just(Rounding::Ceil)];
    (1_usize..=3, any::<bool>(), any_axes(rounding)).prop_map(|(channels, count_include_pad, axes)| Pool {
        channels,
        count_include_pad,
        axes,
    })
}
