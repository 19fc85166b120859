//! Winograd's convolution, and how far it is from the exact sums.
//!
//! Errors are relative to the largest output. Of inputs and weights in −1…1 they are 5e-6 with 16 channels, 6e-6 with 64,
//! 8e-6 with 128, 1.0e-5 with 256 and 1.2e-5 with 512; of inputs and weights that are all positive 5e-7 with 32 and 9e-7 with
//! 256, since then the sums grow as their errors do.

use super::*;
use crate::ops::blocked::winograd::{self, forward, pack, packed_floats};
use crate::ops::geometry::{Axis, output_cells};
use crate::ops::testing::axis;
use proptest::prelude::*;

/// The largest error relative to the largest output, with tiles of so many outputs along each axis: what is allowed with 512
/// channels, and a quarter.
const fn most(outputs: usize) -> f64 {
    if outputs == 6 { 6e-5 } else { 1.5e-5 }
}

/// Channels, and height and width with their padding.
fn conv(channels: [usize; 2], height: (usize, [usize; 2]), width: (usize, [usize; 2])) -> Conv {
    let axis = |(size, padding)| axis(size, 3, 1, padding, 1);
    let axes = [Axis::UNIT, axis(height), axis(width)];
    Conv { in_channels: channels[0], out_channels: channels[1], groups: 1, bias: true, axes }
}

/// What tiles of 4×4 outputs need; those of 2×2 do with it, in chunks of another length.
fn scratch_floats(g: &Conv, batch: usize) -> usize {
    winograd::scratch_floats(g, 4, batch)
}

/// What the kernel gives with tiles of so many outputs along each axis, in planar order.
fn run(
    g: &Conv,
    [outputs, batch]: [usize; 2],
    of: &Operands,
    activation: Option<Activation>,
    scratch: usize,
    isa: Isa,
) -> Vec<f32> {
    let mut packed = vec![f32::NAN; packed_floats(g, outputs)];
    pack(g, outputs, &of.weight, &of.bias, &mut packed);
    let mut output = vec![f32::NAN; batch * g.output_len()];
    // One tile of each kind.
    let tile = (outputs + 2) * (outputs + 2) * (g.in_channels + g.out_channels.min(64));
    let mut scratch = vec![f32::NAN; scratch.max(tile)];
    forward(g, outputs, batch, &of.blocked_input(g), &packed, activation, &mut output, &mut scratch, isa);
    planar(g.out_channels, output_cells(&g.axes), &output)
}

/// Holds every instruction set against the textbook with so much scratch; the largest errors without an activation, of
/// tiles of 6×6 and of smaller ones.
fn check(g: &Conv, batch: usize, activations: &[Option<Activation>], scratch: usize) -> [f64; 2] {
    let operands = Operands::new(g, batch);
    let mut largest = [0.0_f64; 2];
    for activation in activations {
        let (expected, factor) = operands.activated(*activation);
        for (isa, outputs) in Isa::available().flat_map(|isa| [(isa, 6), (isa, 4), (isa, 2)]) {
            let output = run(g, [outputs, batch], &operands, *activation, scratch, isa);
            assert_error(&output, &expected, factor * most(outputs), || {
                format!("{isa} {outputs}×{outputs} {g:?} × {batch} {activation:?}, {scratch}")
            });
            if activation.is_none() {
                let largest = &mut largest[usize::from(outputs < 6)];
                *largest = largest.max(error(&output, &expected));
            }
        }
    }
    largest
}

#[test]
fn all_small_sizes_and_paddings() {
    for size in 1..=13 {
        for padding in [[0, 0], [1, 1], [0, 1], [2, 0], [1, 2], [5, 3]] {
            for (width, other) in [(size, padding), (7, [1, 1])] {
                if size + padding[0] + padding[1] >= 3 && width + other[0] + other[1] >= 3 {
                    let g = conv([16, 16], (size, padding), (width, other));
                    check(&g, 1, &[None], scratch_floats(&g, 1));
                }
            }
        }
    }
}

#[test]
fn channels_and_activations() {
    for channels in [[16, 16], [32, 16], [16, 64], [48, 80], [16, 144]] {
        for batch in [1, 3] {
            let g = conv(channels, (6, [1, 1]), (9, [1, 1]));
            check(&g, batch, &ACTIVATIONS, scratch_floats(&g, batch));
            check(&Conv { bias: false, ..g }, batch, &[None], scratch_floats(&g, batch));
        }
    }
}

#[test]
fn chunks_of_every_length() {
    // 3 · 4 tiles a sample: chunks end within samples, and the last one is shorter.
    let g = conv([16, 80], (10, [1, 1]), (15, [1, 1]));
    // V and M of a tile: 36 products of all input channels, and of up to four blocks of output channels.
    let of_tile = 36 * (16 + 64);
    assert_eq!(scratch_floats(&g, 1), 12 * of_tile);
    check(&g, 5, &[None], scratch_floats(&g, 1));
    check(&g, 5, &[None, Some(Activation::Relu)], scratch_floats(&g, 5));
    for chunk in 1..=13 {
        check(&g, 2, &[None], chunk * of_tile + 5);
    }
}

#[test]
fn more_tiles_than_the_longest_chunk_has() {
    let g = conv([16, 16], (50, [1, 1]), (46, [0, 1]));
    check(&g, 1, &[None], scratch_floats(&g, 1));
    let g = conv([16, 16], (20, [1, 1]), (20, [1, 1]));
    check(&g, 16, &[None], scratch_floats(&g, 16));
}

/// Layers of networks, the error of each: 56 · 56 positions take the textbook too long, 14 · 14 have the same sums.
#[test]
fn errors_of_deep_sums() {
    for channels in [[64, 32], [128, 32], [256, 16], [512, 16]] {
        let g = conv(channels, (14, [1, 1]), (14, [1, 1]));
        let [largest, others] = check(&g, 1, &[None], scratch_floats(&g, 1));
        println!("{channels:?}: {largest:.1e} of the largest output in tiles of 6×6, {others:.1e} in others");
        assert!(largest < 5e-5 && others < 1.3e-5);
    }
}

/// Inputs as they are behind a ReLU, none negative, and weights of one sign: nothing cancels in the exact sum.
#[test]
fn errors_of_sums_that_only_grow() {
    for channels in [[32, 16], [256, 16]] {
        let g = conv(channels, (10, [1, 1]), (10, [1, 1]));
        let positive = |values: Vec<f32>| values.iter().map(|x| x.abs()).collect::<Vec<_>>();
        let Operands { input, weight, bias, .. } = Operands::new(&g, 1);
        let operands = Operands::of(&g, 1, positive(input), positive(weight), bias);
        for isa in Isa::available() {
            let output = run(&g, [4, 1], &operands, None, scratch_floats(&g, 1), isa);
            assert_error(&output, &operands.expected, most(4), || format!("{isa} {channels:?}"));
            println!("{isa} {channels:?}: {:.1e} of the largest output", error(&output, &operands.expected));
        }
    }
}

#[test]
fn nan_reaches_every_output_that_sees_it_and_none_beyond_its_tiles() {
    for padding in [[0, 0], [1, 1]] {
        let g = conv([16, 16], (11, padding), (11, padding));
        let (positions, width) = (output_cells(&g.axes), g.axes[2].output);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for cell in 0..121 {
                let Operands { mut input, weight, bias, .. } = Operands::new(&g, 1);
                let finite = Operands::of(&g, 1, input.clone(), weight.clone(), bias.clone()).expected;
                input[121 * 3 + cell] = bad;
                let operands = Operands::of(&g, 1, input, weight, bias);
                for isa in Isa::available() {
                    let output = run(&g, [4, 1], &operands, None, scratch_floats(&g, 1), isa);
                    // A tile reads 6×6 cells from its first one on.
                    let reads = |tile: usize, cell: usize| (tile * 4..tile * 4 + 6).contains(&(cell + padding[0]));
                    for (at, value) in output.iter().enumerate() {
                        let (row, column) = (at % positions / width, at % width);
                        let what = || format!("{isa}: {bad} at {cell}, output {at} is {value}");
                        if !operands.expected[at].is_finite() {
                            assert!(value.is_nan() || !bad.is_nan() && value.is_infinite(), "{}", what());
                        } else if !reads(row / 4, cell / 11) || !reads(column / 4, cell % 11) {
                            assert!((f64::from(*value) - finite[at]).abs() < 1e-4, "{}", what());
                        }
                    }
                }
            }
        }
    }
}

fn any_winograd() -> impl Strategy<Value = (Conv, usize)> {
    let channels = || prop_oneof![3 => 1_usize..=2, 1 => 3_usize..=6];
    let axis = || (1_usize..=21, 0_usize..=3, 0_usize..=3);
    (channels(), channels(), axis(), axis(), any::<bool>(), 1_usize..=3)
        .prop_map(|(inputs, outputs, height, width, bias, batch)| {
            let axis = |(size, before, after): (usize, usize, usize)| {
                (size.max(3_usize.saturating_sub(before + after)), [before, after])
            };
            (Conv { bias, ..conv([16 * inputs, 16 * outputs], axis(height), axis(width)) }, batch)
        })
        .prop_filter("too large", |(g, batch)| batch * g.output_len() * g.taps() <= 8_000_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_geometry((g, batch) in any_winograd(), activation in 0_usize..5, many in any::<bool>()) {
        let scratch = scratch_floats(&g, if many { batch } else { 1 });
        check(&g, batch, &ACTIVATIONS[activation..=activation], scratch);
    }
}

/// Runs with operands that are so much too long or too short.
fn with_lengths([input, packed, output]: [isize; 3], scratch: usize) {
    let g = conv([16, 16], (5, [1, 1]), (5, [1, 1]));
    let floats = |len: usize, more: isize| vec![0.0; len.checked_add_signed(more).unwrap()];
    let mut output = floats(2 * g.output_len(), output);
    let (input, packed) = (floats(2 * g.input_len(), input), floats(packed_floats(&g, 4), packed));
    forward(&g, 4, 2, &input, &packed, None, &mut output, &mut vec![0.0; scratch], Isa::PORTABLE);
}

/// V and M of one tile.
const LEAST: usize = 36 * (16 + 16);

#[test]
fn right_lengths_do_not_panic() {
    with_lengths([0; 3], LEAST);
}

#[test]
#[should_panic(expected = "the input is [N, C_in, H, W]")]
fn a_short_input_panics() {
    with_lengths([-1, 0, 0], LEAST);
}

#[test]
#[should_panic(expected = "the packed weight has packed_floats values")]
fn a_short_weight_panics() {
    with_lengths([0, -1, 0], LEAST);
}

#[test]
#[should_panic(expected = "the output is [N, C_out, H', W']")]
fn a_long_output_panics() {
    with_lengths([0, 0, 1], LEAST);
}

#[test]
#[should_panic(expected = "the scratch needs")]
fn a_scratch_of_less_than_a_tile_panics() {
    with_lengths([0; 3], LEAST - 1);
}
