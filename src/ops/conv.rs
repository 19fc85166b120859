//! Convolution: input `[N, C_in, D, H, W]`, weight `[C_out, C_in / groups, K_d, K_h, K_w]`, bias `[C_out]`, output
//! `[N, C_out, D', H', W']`.
//!
//! > `O[o, x] = b[o] + Σ_c Σ_t W[o, c, t] · I[c, x s + t d − p₀]`
//!
//! The window is not flipped (cross-correlation, as in all frameworks).
//!
//! [`forward`] goes sample by sample and group by group over blocks of output positions, and for each of them over
//! blocks of taps: im2col writes those taps of the block's patches to the scratch, a matrix product adds what they
//! contribute to the block of every output channel; bias and activation follow while it is in
//! cache. Canonical weights whose channels, or rows, fill vectors go another way, `lanes` or `pixels`, if the
//! scratch is as large as training's. [`backward`] has a file for each of its two products. Two kinds need no columns:
//!
//! - a *pointwise* convolution (1×1, stride 1, no padding): its input is the column matrix already;
//! - a *depthwise* one (groups = C_in > 1): one row of taps a channel is no matrix; its loops go directly over the input.
//!
//! # Scratch
//!
//! How large blocks and strips are is decided by the length of the scratch: anything from [`scratch_floats`] on works,
//! more is faster until blocks fill the second-level cache.

use core::ops::Range;

mod backward;
pub(super) mod depthwise;
mod lanes;
mod pack;
mod pixels;
mod regions;
mod strips;

use super::activation;
use super::gemm::{Beta, Matrix, gemm};
use super::geometry::{Conv, input_cells, output_cells};
use super::im2col::im2col_of;
use super::{Activation, Product, Weight};
use crate::simd::Isa;
use crate::threads;
pub use backward::{backward, backward_scratch_floats};
use lanes::Kernels;
pub use pack::{pack, packed_floats};
use strips::Blocks;
pub use strips::scratch_floats;
pub(super) use strips::{columns_floats, is_depthwise, is_pointwise, strips};

/// output ← activation(weight ∗ input + bias).
///
/// - input `[N, C_in, D, H, W]`, output `[N, C_out, D', H', W']`;
/// - weight canonical with bias `[C_out]` (empty without one), or packed by [`pack()`] with an empty bias;
/// - scratch of at least [`scratch_floats`].
///
/// # Panics
///
/// If a slice has another length.
#[allow(clippy::too_many_arguments)] // a kernel's arguments are its operands
pub fn forward(
    g: &Conv,
    batch: usize,
    input: &[f32],
    weight: Weight,
    bias: &[f32],
    activation: Option<Activation>,
    output: &mut [f32],
    scratch: &mut [f32],
    product: Product,
) {
    assert_eq!(input.len(), batch * g.input_len(), "the input is [N, C_in, D, H, W]");
    assert_eq!(output.len(), batch * g.output_len(), "the output is [N, C_out, D', H', W']");
    assert!(scratch.len() >= scratch_floats(g), "the scratch needs {} floats", scratch_floats(g));
    let (weight, bias) = pack::open(g, weight, bias);
    let direct = match weight {
        Weight::Canonical(weight) if product != Product::Library => {
            direct(g, product.isa(), scratch.len()).map(|accumulate| (weight, accumulate))
        }
        _ => None,
    };
    // How much scratch a part has decides on blocks, and thereby on the order of sums; so it may not depend on threads.
    let floats = match direct {
        Some(_) => lanes::part_floats(g).max(pixels::part_floats(g)),
        None if is_pointwise(g) || is_depthwise(g) => 0,
        None => scratch.len().min(scratch_floats(g).max(PART)),
    };
    let share = threads::share(batch, batch.saturating_mul(g.weight_len()).saturating_mul(output_cells(&g.axes)));
    let samples = input.chunks(share * g.input_len()).zip(output.chunks_mut(share * g.output_len()));
    threads::each_with_scratch(samples, scratch, floats, |(input, output), scratch| {
        if let Some((weight, accumulate)) = direct {
            output.fill(0.0);
            accumulate(g, product.isa(), input, (weight, Kernels::Forward), output, scratch);
            for output in output.chunks_exact_mut(g.output_len()) {
                finish(output, output_cells(&g.axes), &(0..output_cells(&g.axes)), bias, activation);
            }
            return;
        }
        for (input, output) in input.chunks_exact(g.input_len()).zip(output.chunks_exact_mut(g.output_len())) {
            if is_depthwise(g) {
                depthwise::forward(g, input, weight, bias, activation, output);
            } else {
                forward_sample(g, input, weight, bias, activation, output, scratch, product);
            }
        }
    });
}

/// output += weight ∗ input, without columns.
type Accumulate = fn(&Conv, Isa, &[f32], (&[f32], Kernels), &mut [f32], &mut [f32]);

/// The way without columns, if there is one for these instructions and so much scratch.
fn direct(g: &Conv, isa: Isa, scratch: usize) -> Option<Accumulate> {
    if scratch < lanes::part_floats(g).max(pixels::part_floats(g)) {
        None
    } else if lanes::fits(g, isa, scratch) {
        Some(lanes::accumulate)
    } else if pixels::fits(g, isa, scratch) {
        Some(pixels::accumulate)
    } else {
        None
    }
}

/// Scratch of one part of the batch, if there is more: 128 Ki floats · 4 bytes = 512 KiB, a share of a second-level cache.
const PART: usize = 128 * 1024;

/// One sample: LOOP 3 over the groups, LOOP 2 over blocks of positions, LOOP 1 over blocks of taps, whose products add
/// up in the output.
#[allow(clippy::too_many_arguments)]
fn forward_sample(
    g: &Conv,
    input: &[f32],
    weight: Weight,
    bias: &[f32],
    activation: Option<Activation>,
    output: &mut [f32],
    scratch: &mut [f32],
    product: Product,
) {
    let (positions, channels) = (output_cells(&g.axes), g.out_channels / g.groups);
    let blocks = Blocks::new(g, scratch.len());
    for group in 0..g.groups {
        let left = pack::group_matrix(g, weight, group);
        let output = &mut output[group * channels * positions..][..channels * positions];
        let bias = if bias.is_empty() { bias } else { &bias[group * channels..][..channels] };
        for strip in blocks.positions() {
            for some in blocks.taps() {
                let right = columns(g, group, input, some.clone(), &strip, scratch);
                // [C_out / groups, taps] × [taps, strip] → [C_out / groups, strip]
                let sizes = [channels, strip.len(), some.len()];
                let (beta, left) =
                    (if some.start == 0 { Beta::Zero } else { Beta::One }, left.skip_columns(some.start));
                gemm(product, sizes, left, right, &mut output[strip.start..], positions, beta);
            }
            finish(output, positions, &strip, bias, activation);
        }
    }
}

/// The columns `[taps, strip]`: written to the scratch, or the input itself.
pub(super) fn columns<'a>(
    g: &Conv,
    group: usize,
    input: &'a [f32],
    taps: Range<usize>,
    strip: &Range<usize>,
    scratch: &'a mut [f32],
) -> Matrix<'a> {
    if is_pointwise(g) {
        let cells = input_cells(&g.axes);
        return Matrix::rows(&input[(group * g.taps() + taps.start) * cells + strip.start..], cells);
    }
    let columns = &mut scratch[..taps.len() * strip.len()];
    im2col_of(g, group, input, taps, strip.clone(), columns);
    Matrix::rows(columns, strip.len())
}

/// Bias and activation for a strip of every channel.
fn finish(output: &mut [f32], positions: usize, strip: &Range<usize>, bias: &[f32], activation: Option<Activation>) {
    if bias.is_empty() && activation.is_none() {
        return;
    }
    for (channel, output) in output.chunks_exact_mut(positions).enumerate() {
        activation::apply_with_bias(bias.get(channel), activation, &mut output[strip.clone()]);
    }
}

#[cfg(test)]
mod tests;
