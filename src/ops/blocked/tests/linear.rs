//! Fully connected: many samples at once, and inputs that were blocked before they were flattened.

use super::*;
use crate::ops::blocked::linear::{forward, scratch_floats};
use crate::ops::geometry::Linear;
use crate::ops::linear::stored::pack_for;
use crate::ops::{Product, Weight, linear};
use convnet_shape::options::Stored;
use proptest::prelude::*;

/// Sums of up to 2 500 products of numbers up to 1.
const MOST: f64 = 3e-6;

/// `cells`: positions of the value that was flattened, if it was blocked.
fn check(g: &Linear, batch: usize, cells: Option<usize>, activations: &[Option<Activation>]) {
    let input = numbers(1, batch * g.in_features);
    let (weight, bias) =
        (numbers(2, g.in_features * g.out_features), numbers(3, if g.bias { g.out_features } else { 0 }));
    check_values(g, batch, cells, activations, [&input, &weight, &bias]);
}

fn check_values(
    g: &Linear,
    batch: usize,
    cells: Option<usize>,
    activations: &[Option<Activation>],
    [input, weight, bias]: [&[f32]; 3],
) {
    let mut sums = vec![0.0; batch * g.out_features];
    reference::linear_forward(g, batch, &wide(input), &wide(weight), &wide(bias), &mut sums);
    let layout = cells.map_or(Layout::Planar, |cells| Layout::Blocked { cells });
    let mut packed = vec![f32::NAN; linear::packed_floats(g)];
    pack_for(g, Stored::F32, &layout, weight, bias, &mut packed);
    let lying = cells.map_or(input.to_vec(), |cells| blocked(g.in_features / cells, cells, input));
    for activation in activations {
        let (expected, factor) = activated(&sums, *activation);
        for isa in Isa::available() {
            let what = || format!("{isa} {g:?} × {batch} {layout:?} {activation:?}");
            let (mut output, mut scratch) = (vec![f32::NAN; sums.len()], vec![f32::NAN; scratch_floats(g)]);
            forward(g, &lying, &packed, *activation, &mut output, &mut scratch, isa);
            assert_error(&output, &expected, factor * MOST, what);
            // One sample goes another way, with the same packed weight.
            let (first, product) = (&lying[..g.in_features], Product::On(isa));
            let mut output = vec![f32::NAN; g.out_features];
            linear::forward(g, 1, first, Weight::Packed(&packed), &[], *activation, &mut output, product);
            let factor = factor * largest(&expected) / largest(&expected[..g.out_features]);
            assert_error(&output, &expected[..g.out_features], factor * MOST, || format!("{}, one sample", what()));
        }
    }
}

#[test]
fn every_batch() {
    for batch in 2..=40 {
        check(&Linear { in_features: 48, out_features: 20, bias: true }, batch, None, &ACTIVATIONS);
        check(&Linear { in_features: 48, out_features: 33, bias: false }, batch, Some(3), &ACTIVATIONS[..2]);
        check(&Linear { in_features: 13, out_features: 16, bias: true }, batch, None, &ACTIVATIONS[..2]);
    }
}

#[test]
fn every_number_of_outputs() {
    for out_features in 1..=50 {
        for in_features in [1, 15, 16, 17, 64] {
            check(&Linear { in_features, out_features, bias: true }, 5, None, &ACTIVATIONS);
        }
    }
}

#[test]
fn more_inputs_than_are_turned_at_a_time() {
    for in_features in [1023, 1024, 1025, 1040, 2048, 2500] {
        for out_features in [1, 32, 39] {
            for batch in [2, 17] {
                check(&Linear { in_features, out_features, bias: true }, batch, None, &ACTIVATIONS);
            }
        }
    }
}

#[test]
fn inputs_that_were_blocked() {
    for (channels, cells) in [(16, 1), (16, 4), (32, 49), (128, 9), (16, 127)] {
        let g = Linear { in_features: channels * cells, out_features: 21, bias: true };
        check(&g, 3, Some(cells), &ACTIVATIONS[..2]);
        check(&g, 19, Some(cells), &ACTIVATIONS[..2]);
    }
}

#[test]
fn nan_infinities_and_denormals_are_where_the_textbook_has_them() {
    for in_features in [40, 48] {
        let g = Linear { in_features, out_features: 18, bias: false };
        let mut input = numbers(1, 6 * in_features);
        input[3] = f32::NAN;
        input[in_features + 5] = f32::INFINITY;
        input[2 * in_features + 39] = f32::NEG_INFINITY;
        input[3 * in_features] = f32::INFINITY;
        input[3 * in_features + 1] = f32::NEG_INFINITY;
        check_values(&g, 6, None, &ACTIVATIONS[..4], [&input, &numbers(2, in_features * 18), &[]]);
        let denormals: Vec<f32> = (0..4 * in_features).map(|i| (i % 11) as f32 * f32::from_bits(1)).collect();
        let weight: Vec<f32> = (0..in_features * 18).map(|i| (i % 7) as f32 - 2.0).collect();
        check_values(&g, 4, None, &[None], [&denormals, &weight, &[]]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_sizes(
        in_features in prop_oneof![1_usize..=200, 1000_usize..=1100], blocks in prop_oneof![Just(None), (1_usize..=4).prop_map(Some)],
        cells in 1_usize..=12, out_features in 1_usize..=70, bias in any::<bool>(), batch in 2_usize..=40,
        activation in 0_usize..5,
    ) {
        let in_features = blocks.map_or(in_features, |blocks| 16 * blocks * cells);
        let g = Linear { in_features, out_features, bias };
        check(&g, batch, blocks.map(|_| cells), &ACTIVATIONS[activation..=activation]);
    }
}

/// Runs with operands that are so much too long or too short.
fn with_lengths([input, packed, output, scratch]: [isize; 4]) {
    let g = Linear { in_features: 20, out_features: 18, bias: true };
    let floats = |len: usize, more: isize| vec![0.0; len.checked_add_signed(more).unwrap()];
    let (mut output, mut scratch) = (floats(3 * 18, output), floats(scratch_floats(&g), scratch));
    let (input, packed) = (floats(3 * 20, input), floats(linear::packed_floats(&g), packed));
    forward(&g, &input, &packed, None, &mut output, &mut scratch, Isa::PORTABLE);
}

#[test]
fn right_lengths_do_not_panic() {
    with_lengths([0; 4]);
}

#[test]
#[should_panic(expected = "the input is [N, in]")]
fn half_a_sample_panics() {
    with_lengths([-10, 0, 0, 0]);
}

#[test]
#[should_panic(expected = "the packed weight has packed_floats values")]
fn a_short_weight_panics() {
    with_lengths([0, -1, 0, 0]);
}

#[test]
#[should_panic(expected = "the output is [N, out]")]
fn an_output_of_fewer_samples_panics() {
    with_lengths([0, 0, -18, 0]);
}

#[test]
#[should_panic(expected = "the scratch needs")]
fn a_short_scratch_panics() {
    with_lengths([0, 0, 0, -301]);
}
