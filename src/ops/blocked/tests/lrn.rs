//! Local response normalisation: windows of channels that cross blocks.

use super::*;
use crate::ops::LrnOp;
use crate::ops::blocked::lrn::forward;
use convnet_shape::plan::MAX_LRN;
use proptest::prelude::*;

const ALEXNET: LrnOp = LrnOp { size: 5, alpha: 1e-4, beta: 0.75, k: 2.0 };

/// With every instruction set; relative to the largest output.
fn check(op: &LrnOp, sizes: [usize; 2], input: &[f32]) {
    let mut expected = vec![0.0; input.len()];
    reference::lrn_forward(op, sizes, &wide(input), &mut expected);
    let lying = blocked(sizes[0], sizes[1], input);
    for isa in Isa::available() {
        let mut output = vec![f32::NAN; input.len()];
        forward(op, sizes, &lying, &mut output, isa);
        assert_error(&planar(sizes[0], sizes[1], &output), &expected, 2e-6, || format!("{isa} {op:?} {sizes:?}"));
    }
}

fn scaled(len: usize, scale: f32) -> Vec<f32> {
    numbers(1, len).iter().map(|x| x * scale).collect()
}

#[test]
fn windows_of_the_textbook() {
    check(&ALEXNET, [96, 55], &scaled(96 * 55, 30.0));
    check(&LrnOp { k: 1.0, ..ALEXNET }, [64, 56], &scaled(2 * 64 * 56, 30.0)); // GoogLeNet
}

#[test]
fn every_size_of_a_window_and_channels_from_one_block_to_thirteen() {
    for size in 1..=MAX_LRN[0] {
        for (channels, beta) in [(16, 0.75), (32, 0.5), (48, 1.0), (208, 0.3)] {
            let op = LrnOp { size, alpha: 1.5, beta, k: 1.0 };
            check(&op, [channels, 3], &scaled(2 * channels * 3, 2.0));
        }
    }
    for channels in (16..=208).step_by(16) {
        for beta in [0.75, 0.5, 0.9, -0.25, 0.0] {
            check(&LrnOp { alpha: 2.0, beta, ..ALEXNET }, [channels, 5], &scaled(3 * channels * 5, 1.0));
        }
    }
    check(&LrnOp { size: MAX_LRN[0], alpha: 2.0, ..ALEXNET }, [MAX_LRN[1], 1], &scaled(MAX_LRN[1], 1.0));
}

#[test]
fn an_even_window_has_its_odd_channel_before() {
    // α/n = 1, β = 1, k = 1: y = x / (1 + x² + (the channel before)²).
    let op = LrnOp { size: 2, alpha: 2.0, beta: 1.0, k: 1.0 };
    let input: [f32; 32] = core::array::from_fn(|channel| channel as f32);
    for isa in Isa::available() {
        let mut output = [f32::NAN; 32];
        forward(&op, [32, 1], &input, &mut output, isa);
        for channel in 1..32 {
            let (x, before) = (input[channel], input[channel - 1]);
            let expected = x / (1.0 + x * x + before * before);
            assert!((output[channel] - expected).abs() <= 1e-6 * expected, "{isa}, channel {channel}");
        }
    }
}

#[test]
fn nan_and_infinities_spoil_their_window_alone() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for channel in [0, 1, 7, 15, 16, 17, 31] {
            for size in [1, 4, 5] {
                let mut input = scaled(32 * 3, 1.0);
                input[channel * 3 + 1] = bad;
                for beta in [0.75, 0.5, 0.9] {
                    check(&LrnOp { size, alpha: 1.0, beta, k: 1.0 }, [32, 3], &input);
                }
            }
        }
    }
}

#[test]
fn denormals_and_nothing_at_all() {
    let denormals: Vec<f32> = (0..32).map(|i| (i % 5) as f32 * f32::from_bits(1)).collect();
    for isa in Isa::available() {
        let mut output = [f32::NAN; 32];
        // x / 1^β.
        forward(&LrnOp { k: 1.0, ..ALEXNET }, [32, 1], &denormals, &mut output, isa);
        assert_eq!(output[..], denormals[..], "{isa}");
        // 0 / 0, as the textbook has it.
        forward(&LrnOp { k: 0.0, ..ALEXNET }, [32, 1], &[0.0; 32], &mut output, isa);
        assert!(output.iter().all(|x| x.is_nan()), "{isa}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_window(
        size in 1_usize..=32, alpha in 1e-4_f32..4.0, beta in prop_oneof![Just(0.75_f32), Just(0.5), 0.1_f32..1.5],
        k in 0.5_f32..3.0, blocks in 1_usize..=13, cells in 1_usize..=9, batch in 1_usize..=3,
    ) {
        let channels = 16 * blocks;
        check(&LrnOp { size, alpha, beta, k }, [channels, cells], &scaled(batch * channels * cells, 3.0));
    }
}

#[test]
#[should_panic(expected = "windows of 33 over 16 channels")]
fn a_window_beyond_the_stack_panics() {
    forward(&LrnOp { size: 33, ..ALEXNET }, [16, 1], &[0.0; 16], &mut [0.0; 16], Isa::PORTABLE);
}

#[test]
#[should_panic(expected = "the output is as long as the input")]
fn a_short_output_panics() {
    forward(&ALEXNET, [16, 1], &[0.0; 16], &mut [0.0; 15], Isa::PORTABLE);
}

#[test]
#[should_panic(expected = "the values are [N, C, cells]")]
fn half_a_sample_panics() {
    forward(&ALEXNET, [32, 1], &[0.0; 48], &mut [0.0; 48], Isa::PORTABLE);
}
