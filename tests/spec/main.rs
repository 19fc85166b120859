//! The worked numbers of the textbook, one test a row: sizes, results and counts.
//!
//! A size is asserted where the network is declared (`=> [...]`), where a wrong number does not compile, and then seen in
//! what the network makes of an input. Each file is a chapter.

mod convolution;
mod data;
mod layers;
mod networks;
mod parameters;
mod pooling;
mod ranks;
mod separable;
#[cfg(feature = "train")]
mod training;
mod transposed;

use convnet::Value;
use convnet::arena::Floats;

/// The values 1, 2, 3, … as a value of any shape.
fn counting<V: Value>() -> V {
    filled(|index| index as f32 + 1.0)
}

/// A value of any shape, each number from its index.
fn filled<V: Value>(number: impl Fn(usize) -> f32) -> V {
    let mut value = V::zeroed();
    value.as_floats_mut().iter_mut().enumerate().for_each(|(index, x)| *x = number(index));
    value
}

/// Small numbers of both signs, no two neighbours alike.
fn mixed<V: Value>() -> V {
    filled(|index| ((index * 37 + 11) % 29) as f32 / 14.0 - 1.0)
}

#[track_caller]
fn assert_close(got: &impl Floats, expected: &impl Floats) {
    assert_close_floats(got.as_floats(), expected.as_floats());
}

#[track_caller]
fn assert_close_floats(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len());
    let limit = 1e-5 * expected.iter().fold(1.0_f32, |max, x| max.max(x.abs()));
    for (at, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert!((got - expected).abs() <= limit, "value {at}: {got}, expected {expected}");
    }
}
