//! Depthwise convolution: each channel by itself, in strips of one block.

use super::*;
use crate::ops::blocked::depthwise::{forward, pack, packed_floats, scratch_floats};
use crate::ops::geometry::{Axis, output_cells};
use crate::ops::testing::{any_conv, axis};
use proptest::prelude::*;

/// Sums of up to some hundred products.
const MOST: f64 = 1e-6;

/// What the kernel gives, in planar order.
fn run(g: &Conv, batch: usize, of: &Operands, activation: Option<Activation>, isa: Isa) -> Vec<f32> {
    let mut packed = vec![f32::NAN; packed_floats(g)];
    pack(g, &of.weight, &of.bias, &mut packed);
    let mut output = vec![f32::NAN; batch * g.output_len()];
    let mut scratch = vec![f32::NAN; scratch_floats(g)];
    forward(g, batch, &of.blocked_input(g), &packed, activation, &mut output, &mut scratch, isa);
    planar(g.out_channels, output_cells(&g.axes), &output)
}

fn check(g: &Conv, batch: usize, activations: &[Option<Activation>]) {
    let operands = Operands::new(g, batch);
    for activation in activations {
        let (expected, factor) = operands.activated(*activation);
        for isa in Isa::available() {
            let output = run(g, batch, &operands, *activation, isa);
            assert_error(&output, &expected, factor * MOST, || format!("{isa} {g:?} × {batch} {activation:?}"));
        }
    }
}

fn conv(channels: usize, axes: [Axis; 3]) -> Conv {
    Conv { in_channels: channels, out_channels: channels, groups: channels, bias: true, axes }
}

#[test]
fn kernels_strides_and_dilations_along_each_axis() {
    for kernel in 1..=17 {
        for stride in 1..=4 {
            for dilation in 1..=3 {
                let reach = dilation * (kernel - 1);
                for padding in [[0, 0], [reach / 2, reach - reach / 2], [reach, 0], [0, reach.min(2)], [reach + 2; 2]] {
                    let along = axis(reach + 6, kernel, stride, padding, dilation);
                    let other = axis(4, 2, 1, [0, 1], 1);
                    let activation = &ACTIVATIONS[(kernel + stride) % 5..][..1];
                    check(&conv(16, [Axis::UNIT, Axis::UNIT, along]), 1, activation);
                    check(&conv(16, [Axis::UNIT, along, other]), 1, activation);
                    check(&conv(16, [along, other, axis(5, 3, 2, [1, 1], 1)]), 1, activation);
                }
            }
        }
    }
}

#[test]
fn every_width_of_a_tile() {
    for width in 1..=31 {
        for padding in [[0, 0], [1, 1], [0, 2]] {
            let reach = 2 - padding[0] - padding[1];
            let axes = [Axis::UNIT, axis(4, 3, 1, padding, 1), axis(width + reach, 3, 1, padding, 1)];
            check(&conv(32, axes), 2, &ACTIVATIONS);
        }
    }
}

#[test]
fn images_of_several_strips() {
    // A strip has at most 5 Ki floats of one block of channels: 320 cells.
    for (size, kernel, stride, padding, dilation) in
        [(40, 3, 1, [1, 1], 1), (57, 3, 2, [1, 0], 1), (40, 7, 3, [3, 2], 1), (45, 3, 2, [4, 4], 4)]
    {
        let axis = axis(size, kernel, stride, padding, dilation);
        let g = conv(16, [Axis::UNIT, axis, axis]);
        assert!(scratch_floats(&g) <= 5 * 1024);
        check(&g, 2, &[None]);
    }
    // One row needs more.
    let g = conv(16, [Axis::UNIT, axis(9, 5, 1, [2, 2], 1), axis(300, 3, 1, [1, 1], 1)]);
    assert!(scratch_floats(&g) > 5 * 1024);
    check(&g, 1, &[None]);
}

#[test]
fn nan_infinities_and_denormals_are_where_the_textbook_has_them() {
    for (stride, padding) in [(1, [0, 0]), (1, [1, 1]), (2, [1, 0])] {
        let axis = axis(9, 3, stride, padding, 1);
        let g = conv(32, [Axis::UNIT, axis, axis]);
        let Operands { mut input, weight, bias, .. } = Operands::new(&g, 1);
        for (place, value) in [(3, f32::NAN), (100, f32::INFINITY), (102, f32::NEG_INFINITY), (190, f32::INFINITY)] {
            input[place] = value;
        }
        let operands = Operands::of(&g, 1, input, weight, bias);
        for activation in &ACTIVATIONS[..4] {
            let (expected, factor) = operands.activated(*activation);
            for isa in Isa::available() {
                let output = run(&g, 1, &operands, *activation, isa);
                assert_error(&output, &expected, factor * MOST, || format!("{isa} {g:?} {activation:?}"));
            }
        }
        let input = (0..g.input_len()).map(|i| (i % 11) as f32 * f32::from_bits(1)).collect();
        let weight = (0..g.weight_len()).map(|i| (i % 7) as f32 - 2.0).collect();
        let operands = Operands::of(&Conv { bias: false, ..g }, 1, input, weight, vec![]);
        for isa in Isa::available() {
            let output = run(&Conv { bias: false, ..g }, 1, &operands, None, isa);
            assert!(wide(&output).iter().eq(operands.expected.iter()), "{isa}: denormals");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_geometry(g in any_conv(), blocks in 1_usize..=4, batch in 1_usize..=3, activation in 0_usize..5) {
        let channels = 16 * blocks;
        let g = Conv { bias: g.bias, ..conv(channels, g.axes) };
        check(&g, batch, &ACTIVATIONS[activation..=activation]);
    }
}

/// Runs with operands that are so much too long or too short.
fn with_lengths([input, packed, output, scratch]: [isize; 4]) {
    let axis = axis(5, 3, 2, [1, 1], 1);
    let g = conv(32, [Axis::UNIT, axis, axis]);
    let floats = |len: usize, more: isize| vec![0.0; len.checked_add_signed(more).unwrap()];
    let (mut output, mut scratch) = (floats(g.output_len(), output), floats(scratch_floats(&g), scratch));
    let (input, packed) = (floats(g.input_len(), input), floats(packed_floats(&g), packed));
    forward(&g, 1, &input, &packed, None, &mut output, &mut scratch, Isa::PORTABLE);
}

#[test]
fn right_lengths_do_not_panic() {
    with_lengths([0; 4]);
    with_lengths([0, 0, 0, 9]);
}

#[test]
#[should_panic(expected = "the input is [N, C, D, H, W]")]
fn a_long_input_panics() {
    with_lengths([1, 0, 0, 0]);
}

#[test]
#[should_panic(expected = "the packed weight has packed_floats values")]
fn a_short_weight_panics() {
    with_lengths([0, -1, 0, 0]);
}

#[test]
#[should_panic(expected = "the output is [N, C, D', H', W']")]
fn a_short_output_panics() {
    with_lengths([0, 0, -1, 0]);
}

#[test]
#[should_panic(expected = "the scratch needs")]
fn a_short_scratch_panics() {
    with_lengths([0, 0, 0, -1]);
}
