//! Convolutions: forward on canonical and on packed weights, with and without bias and activation; and their gradients.

use convnet::ops::conv::{backward, backward_scratch_floats, forward, pack, packed_floats, scratch_floats};
use convnet::ops::geometry::{Axis, Conv};
use convnet::ops::{Activation, Product, Weight, reference};
use convnet::simd::Isa;

use super::{EDGES, axis, same, wide};
use crate::numbers::numbers;
use crate::suite::Suite;

pub fn check(suite: &mut Suite) {
    for g in every_kernel().into_iter().chain(tile_edges()).chain(deep()).chain(grouped()).chain(volumes()) {
        check_one(suite, &g);
    }
}

fn conv([in_channels, out_channels]: [usize; 2], groups: usize, axes: [Axis; 3]) -> Conv {
    // Every other one has a bias.
    Conv { in_channels, out_channels, groups, bias: out_channels % 2 == 1, axes }
}

/// Kernels of 1 to 17 cells at strides 1 to 3 and dilations 1 and 2: along a sequence, tall and wide on an image, square.
fn every_kernel() -> Vec<Conv> {
    let mut all = Vec::new();
    for kernel in 1..=17 {
        for stride in 1..=3 {
            for dilation in [1, 2] {
                let reach = dilation * (kernel - 1);
                let unequal = [reach / 3, reach - reach / 3];
                let sequence = axis(reach + 14, kernel, stride, dilation, unequal);
                all.push(conv([3, 17], 1, [Axis::UNIT, Axis::UNIT, sequence]));
                let (tall, flat) = (same(9, kernel, stride, dilation), axis(20, 18 - kernel, stride, 1, [2, 0]));
                all.push(conv([2, 5], 1, [Axis::UNIT, tall, flat]));
            }
            let square = same(kernel + 5, kernel, stride, 1);
            all.push(conv([2, 18], 1, [Axis::UNIT, square, square]));
            let full = axis(6, kernel, stride, 1, [kernel - 1; 2]);
            all.push(conv([3, 3], 1, [Axis::UNIT, full, full]));
        }
    }
    all
}

/// Few and many output channels on short and long lines, under 1×1 and 3×3.
fn tile_edges() -> Vec<Conv> {
    let mut all = Vec::new();
    for channels in EDGES {
        for width in EDGES.into_iter().chain([13, 14, 28]) {
            for kernel in [1, 3] {
                all.push(conv([3, channels], 1, [Axis::UNIT, same(2, kernel, 1, 1), same(width, kernel, 1, 1)]));
            }
        }
    }
    all
}

/// Channels in whole blocks of 16 and not, and as many taps as are more than one block of them.
fn deep() -> Vec<Conv> {
    let mut all = Vec::new();
    for channels in [[16, 16], [16, 33], [17, 16], [32, 48], [48, 32], [70, 20]] {
        for size in [1, 2, 4, 5, 7, 8, 13] {
            for (kernel, stride) in [(1, 1), (1, 2), (3, 1), (3, 2)] {
                let axis = same(size, kernel, stride, 1);
                all.push(conv(channels, 1, [Axis::UNIT, axis, axis]));
            }
        }
        let five = axis(9, 5, 1, 1, [0, 0]);
        all.push(conv(channels, 1, [Axis::UNIT, five, five]));
    }
    all
}

/// Groups, and depthwise convolutions with one and two kernels a channel.
fn grouped() -> Vec<Conv> {
    let mut all = Vec::new();
    for (channels, groups) in [([4, 6], 2), ([9, 3], 3), ([32, 32], 2), ([34, 34], 2)] {
        for kernel in [1, 3, 5] {
            let axis = same(9, kernel, 1, 1);
            all.push(conv(channels, groups, [Axis::UNIT, axis, axis]));
        }
    }
    for channels in [2, 3, 15, 16, 17, 33] {
        for multiplier in [1, 2] {
            for (kernel, stride, dilation) in [(1, 1, 1), (3, 1, 1), (3, 2, 1), (3, 1, 2), (5, 1, 1), (7, 3, 1)] {
                for width in [4, 17, 35] {
                    let axes = [Axis::UNIT, same(7, kernel, stride, dilation), same(width, kernel, stride, dilation)];
                    all.push(conv([channels, channels * multiplier], channels, axes));
                }
            }
        }
    }
    all
}

fn volumes() -> Vec<Conv> {
    let mut all = Vec::new();
    for channels in [[1, 4], [3, 17], [16, 16]] {
        for (kernel, stride) in [(1, 1), (2, 2), (3, 1), (3, 2)] {
            let depth = same(4, kernel, 1, 1);
            let (height, width) = (same(5, kernel, stride, 1), axis(9, kernel, stride, 1, [kernel - 1, 0]));
            all.push(conv(channels, 1, [depth, height, width]));
        }
    }
    all.push(conv([6, 6], 6, [same(4, 3, 1, 1), same(5, 3, 2, 1), same(9, 3, 1, 1)]));
    all
}

fn check_one(suite: &mut Suite, g: &Conv) {
    let batch = 1 + g.in_channels % 2;
    let (input, weight) = (numbers(1, batch * g.input_len()), numbers(2, g.weight_len()));
    let bias = numbers(3, if g.bias { g.out_channels } else { 0 });
    let mut packed = vec![f32::NAN; packed_floats(g)];
    pack(g, &weight, &bias, &mut packed);
    let mut expected = vec![0.0; batch * g.output_len()];
    reference::conv_forward(g, batch, &wide(&input), &wide(&weight), &wide(&bias), &mut expected);
    let mut activated = expected.clone();
    reference::activation_forward(Activation::Relu, &mut activated);
    let (canonical, packed) = ((Weight::Canonical(&weight), &bias[..]), (Weight::Packed(&packed), &[][..]));
    for isa in suite.sets.clone() {
        for (kind, (weight, bias)) in [("conv", canonical), ("conv packed", packed)] {
            for (activation, expected) in [(None, &expected), (Some(Activation::Relu), &activated)] {
                let mut output = vec![f32::NAN; expected.len()];
                let mut scratch = vec![f32::NAN; scratch_floats(g)];
                let product = Product::On(isa);
                forward(g, batch, &input, weight, bias, activation, &mut output, &mut scratch, product);
                suite.hold(isa, kind, &output, expected, || format!("{g:?} × {batch}, {activation:?}"));
            }
        }
    }
    check_backward(suite, g, batch, &input, &weight);
}

fn check_backward(suite: &mut Suite, g: &Conv, batch: usize, input: &[f32], weight: &[f32]) {
    let grad_output = numbers(4, batch * g.output_len());
    // Not from zero: gradients accumulate.
    let bias_len = if g.bias { g.out_channels } else { 0 };
    let (mut gi, mut gw, mut gb) = (numbers(5, input.len()), numbers(6, weight.len()), numbers(7, bias_len));
    let (mut wide_gi, mut wide_gw, mut wide_gb) = (wide(&gi), wide(&gw), wide(&gb));
    let (wide_input, wide_weight, wide_grad) = (wide(input), wide(weight), wide(&grad_output));
    let to_input = Some(&mut wide_gi[..]);
    reference::conv_backward(g, batch, &wide_input, &wide_weight, &wide_grad, to_input, &mut wide_gw, &mut wide_gb);
    let mut scratch = vec![f32::NAN; backward_scratch_floats(g)];
    backward(g, batch, input, weight, &grad_output, Some(&mut gi), &mut gw, &mut gb, &mut scratch);
    for (kind, got, expected) in
        [("conv ∂input", gi, wide_gi), ("conv ∂weight", gw, wide_gw), ("conv ∂bias", gb, wide_gb)]
    {
        suite.hold(Isa::best(), kind, &got, &expected, || format!("{g:?} × {batch}"));
    }
}
