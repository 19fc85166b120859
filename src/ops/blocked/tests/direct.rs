//! Direct convolution: all four pairs of layouts, where the channels allow them.

use super::*;
use crate::ops::blocked::direct::{forward, pack, packed_floats, scratch_floats};
use crate::ops::geometry::{Axis, output_cells};
use crate::ops::testing::{any_conv, axis};
use convnet_shape::options::Stored;
use convnet_shape::plan::{Algorithm, Form};
use proptest::prelude::*;

/// Sums of up to 3 000 products of numbers up to 1, in f32 one after the other.
const MOST: f64 = 3e-6;

/// The forms in which the kernel may be asked for a convolution.
pub(super) fn forms(g: &Conv) -> Vec<Form> {
    let layouts = |channels: usize, axes: usize| {
        let whole = (channels / g.groups).is_multiple_of(16);
        [Layout::Planar, Layout::Blocked { cells: axes }].into_iter().take(if whole { 2 } else { 1 })
    };
    let inputs = layouts(g.in_channels, input_cells(&g.axes));
    inputs
        .flat_map(|input| layouts(g.out_channels, output_cells(&g.axes)).map(move |output| (input, output)))
        .map(|(input, output)| Form { input, output, algorithm: Algorithm::Direct, ..Form::PLANAR })
        .collect()
}

/// What the kernel gives, in planar order.
pub(super) fn run(
    g: &Conv,
    form: &Form,
    batch: usize,
    of: &Operands,
    activation: Option<Activation>,
    isa: Isa,
) -> Vec<f32> {
    let mut packed = vec![f32::NAN; packed_floats(g, form.stored)];
    pack(g, form, &of.weight, &of.bias, &mut packed);
    let input = if form.input.is_blocked() { of.blocked_input(g) } else { of.input.clone() };
    let mut output = vec![f32::NAN; batch * g.output_len()];
    let mut scratch = vec![f32::NAN; scratch_floats(g, form.stored)];
    forward(g, form, batch, &input, &packed, activation, &mut output, &mut scratch, isa);
    if form.output.is_blocked() { planar(g.out_channels, output_cells(&g.axes), &output) } else { output }
}

fn check(g: &Conv, batch: usize, activations: &[Option<Activation>]) {
    let operands = Operands::new(g, batch);
    for activation in activations {
        let (expected, factor) = operands.activated(*activation);
        for form in forms(g) {
            for isa in Isa::available() {
                let output = run(g, &form, batch, &operands, *activation, isa);
                assert_error(&output, &expected, factor * MOST, || {
                    format!("{isa} {g:?} × {batch} {form:?} {activation:?}")
                });
            }
        }
    }
}

fn conv(channels: [usize; 2], axes: [Axis; 3]) -> Conv {
    Conv { in_channels: channels[0], out_channels: channels[1], groups: 1, bias: true, axes }
}

pub(super) fn square(channels: [usize; 2], axis: Axis) -> Conv {
    conv(channels, [Axis::UNIT, axis, axis])
}

#[test]
fn kernels_strides_and_dilations_along_each_axis() {
    for kernel in 1..=17 {
        for stride in 1..=4 {
            for dilation in 1..=3 {
                let reach = dilation * (kernel - 1);
                for padding in [[0, 0], [reach / 2, reach - reach / 2], [reach, 0], [0, reach.min(2)]] {
                    let axis = axis(reach + 6, kernel, stride, padding, dilation);
                    let other = Axis::new(2, &crate::ops::window::Window::UNIT, crate::ops::window::Rounding::Floor);
                    let channels = if kernel % 2 == 0 { [16, 16] } else { [2, 18] };
                    let activation = [ACTIVATIONS[(kernel + stride) % 4]];
                    check(&conv(channels, [Axis::UNIT, Axis::UNIT, axis]), 1, &activation);
                    check(&conv(channels, [Axis::UNIT, axis, other]), 1, &activation);
                    if kernel <= 4 {
                        check(&conv(channels, [axis, other, other]), 1, &activation);
                    }
                }
            }
        }
    }
}

#[test]
fn every_width_of_a_tile() {
    for width in 1..=31 {
        for padding in [[0, 0], [1, 1]] {
            let reach = 2 - padding[0] - padding[1];
            let axes = [Axis::UNIT, axis(3, 3, 1, padding, 1), axis(width + reach, 3, 1, padding, 1)];
            // One block, two, three; the last one not full.
            for channels in [[16, 16], [16, 48], [16, 41], [3, 32], [3, 7]] {
                check(&conv(channels, axes), 1, &ACTIVATIONS[..2]);
            }
        }
    }
}

#[test]
fn every_number_of_output_channels() {
    for out_channels in 1..=50 {
        for in_channels in [1, 3, 16, 32] {
            let g = square([in_channels, out_channels], axis(5, 3, 2, [1, 0], 1));
            check(&g, 2, &ACTIVATIONS);
            check(&Conv { bias: false, ..square([in_channels, out_channels], axis(4, 1, 1, [0, 0], 1)) }, 1, &[None]);
        }
    }
}

#[test]
fn every_activation_on_whole_and_partial_blocks() {
    for channels in [[16, 32], [16, 17], [5, 64]] {
        check(&square(channels, axis(9, 3, 1, [1, 1], 1)), 3, &ACTIVATIONS);
    }
}

#[test]
fn groups() {
    for (groups, inputs, outputs) in [(2, 16, 16), (3, 32, 16), (2, 16, 5), (2, 3, 32), (4, 3, 9), (5, 1, 1)] {
        let g = square([groups * inputs, groups * outputs], axis(7, 3, 1, [1, 0], 1));
        check(&Conv { groups, ..g }, 2, &ACTIVATIONS[..2]);
    }
}

#[test]
fn images_of_several_strips() {
    // A strip has at most 128 Ki floats.
    let (large, wide) = (axis(290, 3, 1, [1, 1], 1), axis(310, 3, 1, [1, 2], 1));
    check(&conv([2, 3], [Axis::UNIT, large, wide]), 1, &[None]);
    // Rows that are mostly skipped; a row of the output that needs more than a strip should have.
    check(&conv([16, 17], [Axis::UNIT, axis(300, 1, 4, [0, 0], 1), axis(99, 2, 2, [1, 0], 1)]), 2, &[None]);
    check(&conv([16, 16], [Axis::UNIT, axis(40, 33, 4, [0, 0], 1), axis(260, 2, 3, [1, 0], 1)]), 1, &[None]);
    // The same without a copy: rows by the quarter from 16 million products on.
    check(&conv([16, 32], [Axis::UNIT, axis(184, 1, 1, [0, 0], 1), axis(180, 1, 1, [0, 0], 1)]), 1, &[None]);
}

#[test]
fn padding_beyond_the_window() {
    for padding in [[5, 0], [0, 5], [4, 7], [9, 9]] {
        for stride in 1..=3 {
            check(&square([16, 16], axis(2, 3, stride, padding, 1)), 1, &[None]);
            check(&square([1, 10], axis(2, 3, stride, padding, 2)), 1, &[None]);
        }
    }
}

#[test]
fn nan_and_infinities_are_where_the_textbook_has_them() {
    for (stride, padding) in [(1, [0, 0]), (1, [1, 1]), (2, [1, 0])] {
        let g = square([16, 34], axis(9, 3, stride, padding, 1));
        for channels in [[16, 32], [16, 34], [2, 32]] {
            let g = Conv { in_channels: channels[0], out_channels: channels[1], ..g };
            let Operands { mut input, weight, bias, .. } = Operands::new(&g, 2);
            let len = input.len();
            // Apart from each other, and two infinities of different signs under one window.
            let places = [(3, f32::NAN), (40, f32::INFINITY), (60, f32::NEG_INFINITY), (62, f32::INFINITY)];
            for (place, value) in places {
                input[place] = value;
                input[len - 1 - place] = value;
            }
            let operands = Operands::of(&g, 2, input, weight, bias);
            assert!(operands.expected.iter().any(|x| x.is_nan()) && operands.expected.iter().any(|x| x.is_infinite()));
            for activation in &ACTIVATIONS[..4] {
                let (expected, factor) = operands.activated(*activation);
                for form in forms(&g) {
                    for isa in Isa::available() {
                        let output = run(&g, &form, 2, &operands, *activation, isa);
                        assert_error(&output, &expected, factor * MOST, || {
                            format!("{isa} {g:?} {form:?} {activation:?}")
                        });
                    }
                }
            }
        }
    }
}

#[test]
fn denormals_are_not_flushed() {
    // Small multiples of the smallest denormal times small integers: every sum is exact.
    let g = Conv { bias: false, ..square([16, 16], axis(6, 3, 1, [1, 1], 1)) };
    let smallest = f32::from_bits(1);
    let input = (0..g.input_len()).map(|i| (i % 11) as f32 * smallest).collect();
    let weight = (0..g.weight_len()).map(|i| (i % 7) as f32 - 2.0).collect();
    let operands = Operands::of(&g, 1, input, weight, vec![]);
    for form in forms(&g) {
        for isa in Isa::available() {
            let output = run(&g, &form, 1, &operands, None, isa);
            assert!(output.iter().any(|x| *x != 0.0 && !x.is_normal()));
            assert!(wide(&output).iter().eq(operands.expected.iter()), "{isa} {form:?}");
        }
    }
}

pub(super) fn any_direct() -> impl Strategy<Value = (Conv, usize)> {
    let inputs = prop_oneof![1_usize..=5, Just(16), Just(16), Just(32)];
    let outputs = prop_oneof![1_usize..=50, Just(16), Just(32), Just(48)];
    (any_conv(), inputs, outputs, prop_oneof![3 => Just(1_usize), 1 => 2_usize..=3], 1_usize..=3)
        .prop_map(|(g, inputs, outputs, groups, batch)| {
            (Conv { in_channels: groups * inputs, out_channels: groups * outputs, groups, ..g }, batch)
        })
        // The textbook in f64 takes its time.
        .prop_filter("too large", |(g, batch)| batch * g.output_len() * g.taps() <= 3_000_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_geometry((g, batch) in any_direct(), activation in 0_usize..5) {
        check(&g, batch, &ACTIVATIONS[activation..=activation]);
    }
}

/// Runs with operands that are so much too long or too short.
fn with_lengths([input, packed, output, scratch]: [isize; 4]) {
    let g = square([16, 16], axis(5, 3, 1, [1, 1], 1));
    let floats = |len: usize, more: isize| vec![0.0; len.checked_add_signed(more).unwrap()];
    let cells = Layout::Blocked { cells: 25 };
    let form = Form { input: cells, output: cells, algorithm: Algorithm::Direct, ..Form::PLANAR };
    let mut output = floats(2 * g.output_len(), output);
    let mut scratch = floats(scratch_floats(&g, Stored::F32), scratch);
    let (input, packed) = (floats(2 * g.input_len(), input), floats(packed_floats(&g, Stored::F32), packed));
    forward(&g, &form, 2, &input, &packed, None, &mut output, &mut scratch, Isa::PORTABLE);
}

#[test]
fn right_lengths_do_not_panic() {
    with_lengths([0; 4]);
    with_lengths([0, 0, 0, 17]);
}

#[test]
#[should_panic(expected = "the input is [N, C_in, D, H, W]")]
fn a_short_input_panics() {
    with_lengths([-1, 0, 0, 0]);
}

#[test]
#[should_panic(expected = "the packed weight has packed_floats values")]
fn a_long_weight_panics() {
    with_lengths([0, 1, 0, 0]);
}

#[test]
#[should_panic(expected = "the output is [N, C_out, D', H', W']")]
fn a_short_output_panics() {
    with_lengths([0, 0, -1, 0]);
}

#[test]
#[should_panic(expected = "the scratch needs")]
fn a_short_scratch_panics() {
    with_lengths([0, 0, 0, -1]);
}
