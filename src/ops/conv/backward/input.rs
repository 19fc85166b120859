//! ∂L/∂input of a convolution: a convolution of ∂L/∂O with channels or positions in lanes, if the stride is 1 and they
//! fill them; else columns `[taps, positions]` = Wᵀ · ∂L/∂O, then col2im.
//!
//! Of columns:
//! Blocks of input channels go by outside, samples within, so that a block of the weight is read from memory once for all
//! samples of a part. A block of columns stays in cache until it is added. Samples are shared out to threads; no two
//! parts write the same gradients.

use super::super::is_pointwise;
use super::super::lanes::{self, Kernels};
use super::super::{direct, pixels};
use crate::ops::Product;
use crate::ops::gemm::{Beta, Matrix, gemm};
use crate::ops::geometry::{Conv, input_cells, kernel_cells, output_cells};
use crate::ops::im2col::col2im_of;
use crate::simd::Isa;
use crate::threads;

/// A block of columns: 32 Ki floats · 4 bytes = 128 KiB.
const COLUMNS: usize = 32 * 1024;

/// Input channels of a block, so that the product has rows enough for its tiles; positions, so that it has columns enough.
const FEW_CHANNELS: usize = 8;
const FEW_POSITIONS: usize = 48;

/// Channels and positions of a block.
const fn block(g: &Conv) -> [usize; 2] {
    let (kernel, positions, channels) = (kernel_cells(&g.axes), output_cells(&g.axes), g.in_channels / g.groups);
    let (kernel, all) = (max(kernel, 1), max(positions, 1));
    let few = min(channels, FEW_CHANNELS);
    let fits = COLUMNS / kernel / all;
    let channels = if fits < few { few } else { min(fits, channels) };
    let fits = COLUMNS / kernel / max(channels, 1);
    [max(channels, 1), min(all, max(fits, FEW_POSITIONS))]
}

/// Scratch of one part.
pub(super) const fn part_floats(g: &Conv) -> usize {
    let direct = match lanes::transposed(g) {
        Some(transposed) => max(lanes::part_floats(&transposed), pixels::part_floats(&transposed)),
        None => 0,
    };
    let [channels, positions] = if is_pointwise(g) { [0, 0] } else { block(g) };
    max(direct, channels.saturating_mul(kernel_cells(&g.axes)).saturating_mul(positions))
}

/// ∂L/∂I += col2im(Wᵀ · ∂L/∂O): weight `[C_out, C_in / groups, K...]`, grad_output `[N, C_out, D', H', W']`, grad_input
/// `[N, C_in, D, H, W]`.
pub(super) fn backward(
    g: &Conv,
    batch: usize,
    weight: &[f32],
    grad_output: &[f32],
    grad_input: &mut [f32],
    scratch: &mut [f32],
) {
    let share = threads::share(batch, batch.saturating_mul(g.weight_len()).saturating_mul(output_cells(&g.axes)));
    let samples = grad_input.chunks_mut(share * g.input_len()).zip(grad_output.chunks(share * g.output_len()));
    let (isa, transposed) = (Isa::best(), lanes::transposed(g));
    threads::each_with_scratch(samples, scratch, part_floats(g), |(grad_input, grad_output), scratch| {
        if let Some(g) = &transposed
            && let Some(accumulate) = direct(g, isa, scratch.len())
        {
            return accumulate(g, isa, grad_output, (weight, Kernels::Transposed), grad_input, scratch);
        }
        samples_of(g, weight, grad_output, grad_input, scratch);
    });
}

/// Some samples: LOOP 4 over groups, LOOP 3 over blocks of channels, LOOP 2 over samples, LOOP 1 over strips of positions.
fn samples_of(g: &Conv, weight: &[f32], grad_output: &[f32], grad_input: &mut [f32], scratch: &mut [f32]) {
    let (positions, taps, kernel) = (output_cells(&g.axes), g.taps(), kernel_cells(&g.axes));
    let (in_channels, channels) = (g.in_channels / g.groups, g.out_channels / g.groups);
    let [block, strip] = block(g);
    for group in 0..g.groups {
        let weight = &weight[group * channels * taps..][..channels * taps];
        for c in (0..in_channels).step_by(block) {
            let some = c * kernel..in_channels.min(c + block) * kernel;
            let left = Matrix::columns(&weight[some.start..], taps);
            let samples = grad_output.chunks_exact(g.output_len()).zip(grad_input.chunks_exact_mut(g.input_len()));
            for (grad_output, grad_input) in samples {
                let grad_output = &grad_output[group * channels * positions..][..channels * positions];
                if is_pointwise(g) {
                    // [block, C_out / groups] × [C_out / groups, positions] → [block, positions]
                    let cells = input_cells(&g.axes);
                    let (sizes, right) = ([some.len(), positions, channels], Matrix::rows(grad_output, positions));
                    let target = &mut grad_input[(group * in_channels + c) * cells..];
                    gemm(Product::Own, sizes, left, right, target, cells, Beta::One);
                    continue;
                }
                for start in (0..positions).step_by(strip) {
                    let strip = start..positions.min(start + strip);
                    let columns = &mut scratch[..some.len() * strip.len()];
                    // [taps, C_out / groups] × [C_out / groups, strip] → [taps, strip]
                    let (sizes, right) =
                        ([some.len(), strip.len(), channels], Matrix::rows(&grad_output[strip.start..], positions));
                    gemm(Product::Own, sizes, left, right, columns, strip.len(), Beta::Zero);
                    col2im_of(g, group, columns, some.clone(), strip, grad_input);
                }
            }
        }
    }
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
