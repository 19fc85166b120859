//! Direct convolution on weights in bf16: of operands that are bf16s, so that rounding them changes nothing.

use super::direct::{any_direct, forms, run, square};
use super::*;
use crate::half::{bf16s, f32_from_bf16};
use crate::ops::testing::axis;
use convnet_shape::options::Stored;
use convnet_shape::plan::{Algorithm, Form};
use proptest::prelude::*;

/// Sums of up to 3 000 products of numbers up to 1, in f32 one after the other.
const MOST: f64 = 3e-6;

/// Blocked values to both layouts, products of floats and of bf16s.
fn narrow_forms(g: &Conv) -> impl Iterator<Item = Form> {
    let algorithms = [Algorithm::Direct, Algorithm::Dots];
    let forms = forms(g).into_iter().filter(|form| form.input.is_blocked());
    forms.flat_map(move |form| algorithms.map(|algorithm| Form { algorithm, stored: Stored::Bf16, ..form }))
}

fn rounded(values: Vec<f32>) -> Vec<f32> {
    values.into_iter().map(|value| f32_from_bf16(bf16s(&[value])[0])).collect()
}

fn check(g: &Conv, batch: usize, activations: &[Option<Activation>]) {
    let Operands { input, weight, bias, .. } = Operands::new(g, batch);
    check_operands(g, batch, &Operands::of(g, batch, rounded(input), rounded(weight), bias), activations);
}

fn check_operands(g: &Conv, batch: usize, operands: &Operands, activations: &[Option<Activation>]) {
    for activation in activations {
        let (expected, factor) = operands.activated(*activation);
        for form in narrow_forms(g) {
            for isa in Isa::available() {
                let output = run(g, &form, batch, operands, *activation, isa);
                assert_error(&output, &expected, factor * MOST, || {
                    format!("{isa} {g:?} × {batch} {form:?} {activation:?}")
                });
            }
        }
    }
}

#[test]
fn every_width_of_a_tile() {
    for width in 1..=31 {
        for padding in [[0, 0], [1, 1]] {
            let axis = axis(width + 2 - padding[0] - padding[1], 3, 1, padding, 1);
            for channels in [[16, 16], [32, 48], [16, 41], [16, 7]] {
                check(&square(channels, axis), 1, &ACTIVATIONS[..2]);
            }
        }
    }
}

#[test]
fn strides_dilations_batches_and_groups() {
    for kernel in [1, 2, 3, 5] {
        for (stride, dilation) in [(1, 1), (2, 1), (1, 2), (3, 2)] {
            let axis = axis(11, kernel, stride, [1, 0], dilation);
            check(&square([32, 16], axis), 3, &ACTIVATIONS);
            check(&Conv { groups: 2, ..square([32, 32], axis) }, 2, &ACTIVATIONS[..1]);
        }
    }
}

#[test]
fn nan_and_infinities_are_where_the_textbook_has_them() {
    let g = square([16, 34], axis(9, 3, 1, [1, 1], 1));
    let Operands { input, weight, bias, .. } = Operands::new(&g, 1);
    let (mut input, weight) = (rounded(input), rounded(weight));
    for (place, value) in [(3, f32::NAN), (40, f32::INFINITY), (60, f32::NEG_INFINITY), (62, f32::INFINITY)] {
        input[place] = value;
    }
    check_operands(&g, 1, &Operands::of(&g, 1, input, weight, bias), &ACTIVATIONS[..4]);
}

#[test]
fn what_is_no_bf16_is_rounded_to_one() {
    // Weights and inputs are off by at most 2⁻⁹ of themselves each.
    let g = square([32, 32], axis(8, 3, 1, [1, 1], 1));
    let operands = Operands::new(&g, 2);
    for form in narrow_forms(&g) {
        for isa in Isa::available() {
            let output = run(&g, &form, 2, &operands, None, isa);
            let error = error(&output, &operands.expected);
            assert!((1e-5..8e-3).contains(&error), "{isa} {form:?}: {error:e}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_geometry((g, batch) in any_direct(), activation in 0_usize..5) {
        check(&g, batch, &ACTIVATIONS[activation..=activation]);
    }
}
