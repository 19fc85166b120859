//! Depthwise convolution, directly: input `[C, D, H, W]`, weight `[C · m, 1, K_d, K_h, K_w]`, output
//! `[C · m, D', H', W']`, m kernels a channel.
//!
//! With one channel under each kernel the product would have one row. So the loops go over output rows and taps, and
//! the inner one adds a tap times a run of the input to a run of the output: every run is clipped at the padding
//! once, before its loop.

use core::ops::Range;

use crate::ops::gemm::multiply_add;
use crate::ops::geometry::{Conv, input_cells, kernel_cells, output_cells};
use crate::ops::im2col::reach;
use crate::ops::{Activation, Weight, activation};

/// One sample, [`super::forward`].
pub(super) fn forward(
    g: &Conv,
    input: &[f32],
    weight: Weight,
    bias: &[f32],
    activation: Option<Activation>,
    output: &mut [f32],
) {
    let (Weight::Canonical(weight) | Weight::Packed(weight)) = weight; // both are in canonical order
    for (channel, output) in output.chunks_exact_mut(output_cells(&g.axes)).enumerate() {
        output.fill(0.0);
        gather(g, channel, input, weight, output);
        activation::apply_with_bias(bias.get(channel), activation, output);
    }
}

/// output += weight ∗ input for one output channel: one sample of input, the plane `[D', H', W']` of the output.
pub(in crate::ops) fn gather(g: &Conv, channel: usize, input: &[f32], weight: &[f32], output: &mut [f32]) {
    let ((start, cells), stride) = (plane_range(g, channel), g.axes[2].stride);
    let (input, weight) = (&input[start..][..cells], &weight[channel * kernel_cells(&g.axes)..]);
    each_row_tap(g, |tap, Run { outputs, input: start, length }| {
        let (w, output) = (weight[tap], &mut output[outputs]);
        match stride {
            1 => add_scaled(output, &input[start..][..length], w),
            _ => output.iter_mut().zip(input[start..].iter().step_by(stride)).for_each(|(o, i)| *o += w * i),
        }
    });
}

/// The transpose of [`gather`]: input += weight ∗ᵀ output.
pub(in crate::ops) fn scatter(g: &Conv, channel: usize, output: &[f32], weight: &[f32], input: &mut [f32]) {
    let (start, cells) = plane_range(g, channel);
    let (input, weight) = (&mut input[start..][..cells], &weight[channel * kernel_cells(&g.axes)..]);
    each_row_tap(g, |tap, Run { outputs, input: start, .. }| {
        scatter_run(&mut input[start..], &output[outputs], weight[tap], g.axes[2].stride);
    });
}

/// to ← to + w · from, at every `stride` of `to`.
#[inline(always)]
fn scatter_run(to: &mut [f32], from: &[f32], w: f32, stride: usize) {
    match stride {
        1 => add_scaled(&mut to[..from.len()], from, w),
        _ => to.iter_mut().step_by(stride).zip(from).for_each(|(to, from)| *to += w * from),
    }
}

/// One sample, [`super::backward`] without the bias.
pub(in crate::ops) fn backward(
    g: &Conv,
    input: &[f32],
    weight: &[f32],
    grad_output: &[f32],
    mut grad_input: Option<&mut [f32]>,
    grad_weight: &mut [f32],
) {
    for (channel, grad_output) in grad_output.chunks_exact(output_cells(&g.axes)).enumerate() {
        let (start, cells) = plane_range(g, channel);
        let input = &input[start..][..cells];
        let mut grad_input = grad_input.as_mut().map(|grad| &mut grad[start..][..cells]);
        each_row_tap(g, |tap, Run { outputs, input: start, .. }| {
            let (tap, stride) = (channel * kernel_cells(&g.axes) + tap, g.axes[2].stride);
            let grad_output = &grad_output[outputs];
            grad_weight[tap] +=
                grad_output.iter().zip(input[start..].iter().step_by(stride)).map(|(o, i)| o * i).sum::<f32>();
            if let Some(grad_input) = &mut grad_input {
                scatter_run(&mut grad_input[start..], grad_output, weight[tap], stride);
            }
        });
    }
}

/// to ← to + w · from.
#[inline(always)]
fn add_scaled(to: &mut [f32], from: &[f32], w: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = multiply_add(w, *from, *to);
    }
}

/// Where the input plane `[D, H, W]` under output channel `channel` starts, and its length.
fn plane_range(g: &Conv, channel: usize) -> (usize, usize) {
    let (multiplier, cells) = (g.out_channels / g.groups, input_cells(&g.axes));
    (channel / multiplier * cells, cells)
}

/// The part of one output row that one tap reaches.
struct Run {
    /// Its positions in the output plane.
    outputs: Range<usize>,
    /// The input cell under the first of them; the others follow at the stride.
    input: usize,
    length: usize,
}

/// Calls `f` with every tap and every output row that it reaches. Rows outside, so that they stay in cache while
/// the taps go by.
fn each_row_tap(g: &Conv, mut f: impl FnMut(usize, Run)) {
    let [depth, height, width] = &g.axes;
    for row in 0..depth.output * height.output {
        let (d, h) = (row / height.output, row % height.output);
        for tap in 0..depth.kernel * height.kernel {
            let (kd, kh) = (tap / height.kernel, tap % height.kernel);
            let (Some(d), Some(h)) = (depth.source(d, kd), height.source(h, kh)) else { continue };
            for kw in 0..width.kernel {
                let w = reach(width, kw);
                if w.is_empty() {
                    continue;
                }
                let input = (d * height.input + h) * width.input + w.start * width.stride + kw * width.dilation;
                let outputs = row * width.output + w.start..row * width.output + w.end;
                f(tap * width.kernel + kw, Run { length: w.len(), outputs, input: input - width.padding[0] });
            }
        }
    }
}
