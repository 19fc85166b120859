//! Convolutions, linear layers among them, and depthwise ones.

use proptest::prelude::*;

use super::*;
use crate::ops::geometry::Axis;
use crate::ops::quantized::{conv, depthwise, scratch_bytes};
use crate::ops::testing::{any_conv, axis};
use crate::simd::Isa;

/// Compares every kernel that can do it with the textbook, on every instruction set.
fn check(g: &Conv, seed: u64) {
    let operands = Operands::new(g, seed);
    let expected = operands.expected(g);
    let input = interleaved(g.in_channels, &operands.input);
    let depthwise = g.groups == g.in_channels && g.groups == g.out_channels;
    for isa in Isa::available() {
        for by_channel in [false, true].into_iter().take(1 + usize::from(depthwise)) {
            let mut packed = vec![7; if by_channel { depthwise::packed_bytes(g) } else { conv::packed_bytes(g) }];
            let pack = if by_channel { depthwise::pack } else { conv::pack };
            pack(g, &operands.weight, &operands.outputs, &mut packed);
            let (mut output, mut scratch) = (bytes(5, g.output_len() + SLACK), bytes(6, scratch_bytes(g)));
            let forward = if by_channel { depthwise::forward } else { conv::forward };
            forward(g, &input, operands.zero, &packed, operands.bounds, &mut output, &mut scratch, isa);
            assert!(planar(g.out_channels, &output) == expected, "{isa} by channel: {by_channel} {g:?}");
        }
    }
}

proptest! {
    #[test]
    fn any_geometry(g in any_conv(), seed in 0_u64..1000) {
        check(&g, seed);
    }

    #[test]
    fn many_channels(
        (inputs, outputs) in (1_usize..70, 1_usize..100),
        (height, width) in (1_usize..6, 1_usize..20),
        (kernel, stride, padding) in (1_usize..4, 1_usize..3, 0_usize..2),
        seed in 0_u64..1000,
    ) {
        let axes = [Axis::UNIT, axis(height + kernel, kernel, stride, [padding, 0], 1), axis(width + kernel, kernel, stride, [0, padding], 1)];
        check(&Conv { in_channels: inputs, out_channels: outputs, groups: 1, bias: true, axes }, seed);
    }

    #[test]
    fn many_channels_each_by_itself(
        channels in 2_usize..70,
        (height, width) in (1_usize..6, 1_usize..20),
        (kernel, stride, padding) in (1_usize..6, 1_usize..3, 0_usize..3),
        seed in 0_u64..1000,
    ) {
        let padding = padding.min(kernel - 1);
        let axes = [Axis::UNIT, axis(height + kernel, kernel, stride, [padding, 0], 1), axis(width + kernel, kernel, stride, [padding; 2], 1)];
        check(&Conv { in_channels: channels, out_channels: channels, groups: channels, bias: true, axes }, seed);
    }
}

#[test]
fn linear_layers_of_every_remainder() {
    for inputs in [1, 2, 3, 4, 5, 63, 64, 65, 400] {
        for outputs in [1, 15, 16, 17, 32, 33, 64, 84, 120] {
            let g = Conv { in_channels: inputs, out_channels: outputs, groups: 1, bias: true, axes: [Axis::UNIT; 3] };
            check(&g, (inputs + outputs) as u64);
        }
    }
}

#[test]
fn strips_of_several_rows_and_of_one() {
    for (channels, size) in [(1, 40), (64, 30), (200, 12)] {
        let padded = axis(size, 3, 1, [1; 2], 1);
        let g =
            Conv { in_channels: channels, out_channels: 5, groups: 1, bias: true, axes: [Axis::UNIT, padded, padded] };
        check(&g, 3);
        let wide = axis(size, 9, 1, [4; 2], 1);
        let axes = [Axis::UNIT, wide, wide];
        check(&Conv { in_channels: channels, out_channels: channels, groups: channels, bias: true, axes }, 4);
    }
}

#[test]
fn sums_as_large_as_they_may_be() {
    let taps = convnet_shape::plan::integer::MAX_TAPS;
    let g = Conv { in_channels: taps, out_channels: 2, groups: 1, bias: true, axes: [Axis::UNIT; 3] };
    for (input, zero) in [(255, 0), (0, 255), (255, 255)] {
        let weight = [vec![127; taps], vec![-127; taps]].concat();
        let total = 127 * taps as i32 * i32::from(zero);
        let bias = 1 << 29;
        let outputs = [bias - total, -bias + total].map(|bias| Output { bias, factor: Factor::new(3e-8) });
        let bounds = Bounds { zero: 128, low: 0, high: 255 };
        let operands = Operands { input: vec![input; taps], zero, weight, outputs: outputs.to_vec(), bounds };
        let expected = operands.expected(&g);
        assert_ne!(expected[0], expected[1], "{expected:?}");
        let mut packed = vec![0; conv::packed_bytes(&g)];
        conv::pack(&g, &operands.weight, &operands.outputs, &mut packed);
        for isa in Isa::available() {
            let mut output = vec![0; 2 + SLACK];
            let input = interleaved(taps, &operands.input);
            conv::forward(&g, &input, zero, &packed, bounds, &mut output, &mut [], isa);
            assert_eq!(output[..2], expected, "{isa}");
        }
    }
}
