//! Convolutions with few output channels, planar to planar.

use super::*;
use crate::ops::blocked::rows::{forward, pack, packed_floats, scratch_floats};
use crate::ops::testing::{any_conv, axis, square_conv};
use proptest::prelude::*;

/// Sums of up to some hundred products of numbers up to 1.
const MOST: f64 = 2e-6;

fn check(g: &Conv, batch: usize, activations: &[Option<Activation>]) {
    let operands = Operands::new(g, batch);
    let mut packed = vec![f32::NAN; packed_floats(g)];
    pack(g, &operands.weight, &operands.bias, &mut packed);
    for activation in activations {
        let (expected, factor) = operands.activated(*activation);
        for isa in Isa::available() {
            let (mut output, mut scratch) = (vec![f32::NAN; expected.len()], vec![0.0; scratch_floats(g)]);
            forward(g, batch, &operands.input, &packed, *activation, &mut output, &mut scratch, isa);
            assert_error(&output, &expected, factor * MOST, || format!("{isa} {g:?} × {batch} {activation:?}"));
        }
    }
}

#[test]
fn every_width_and_number_of_channels() {
    for width in (1..=35).chain([48, 63, 64, 65, 80, 129]) {
        for channels in [1, 6, 7, 8] {
            let axes = [axis(1, 1, 1, [0, 0], 1), axis(4, 3, 1, [1, 1], 1), axis(width, 3, 1, [1, 1], 1)];
            let g = Conv { in_channels: 3, out_channels: channels, groups: 1, bias: true, axes };
            check(&g, 2, &[None]);
        }
    }
}

#[test]
fn kernels_strides_and_activations() {
    for kernel in 1..=17 {
        for stride in 1..=4 {
            let g = square_conv([2, 5], 19, kernel, stride, kernel / 2);
            check(&g, 1, if kernel == 5 { &ACTIVATIONS } else { &ACTIVATIONS[..1] });
        }
    }
}

#[test]
fn several_strips() {
    let g = square_conv([4, 3], 150, 5, 1, 2);
    assert!(g.input_len() > 64 * 1024);
    check(&g, 1, &[None, Some(Activation::Relu)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_geometry(g in any_conv(), batch in 1_usize..=3, activation in 0_usize..5) {
        check(&g, batch, &ACTIVATIONS[activation..=activation]);
    }
}

#[test]
#[should_panic(expected = "the scratch needs")]
fn a_short_scratch_panics() {
    let g = square_conv([1, 2], 8, 3, 1, 1);
    let (input, packed) = (vec![0.0; g.input_len()], vec![0.0; packed_floats(&g)]);
    forward(&g, 1, &input, &packed, None, &mut vec![0.0; g.output_len()], &mut [0.0; 16], Isa::PORTABLE);
}
