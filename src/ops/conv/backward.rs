//! The gradients of a convolution: of its weight, its bias and its input.
//!
//! | | over lines and images | over volumes |
//! |---|---|---|
//! | ∂L/∂W += ∂L/∂O · columnsᵀ | `weight`: strips of positions, the columns never written | `columns`: im2col, a product |
//! | ∂L/∂I += col2im(Wᵀ · ∂L/∂O) | `input`: blocks of channels, a product, col2im | the same scratch, a product, col2im |
//! | ∂L/∂b += Σ ∂L/∂O | sums of planes | the same |
//!
//! Depthwise convolutions have loops of their own, forward and backward.

mod columns;
mod input;
mod taps;
mod turn;
mod weight;

use super::regions::is_flat;
use super::strips::columns_floats;
use super::{depthwise, is_depthwise, lanes, pixels};
use crate::ops::geometry::{Conv, output_cells};
use crate::ops::sums;
use crate::threads;

/// Scratch that [`backward`] needs, in floats: none for depthwise convolutions, at most about 512 KiB for others,
/// unless a single line or position takes more; with the feature `rayon` as much for each of up to 16 parts. A
/// forward pass of training is given the same.
pub const fn backward_scratch_floats(g: &Conv) -> usize {
    if is_depthwise(g) {
        return 0;
    }
    if !is_flat(g) {
        return columns_floats(g);
    }
    let weight = weight::part_floats(g).saturating_mul(weight::parts(g));
    let input = input::part_floats(g).saturating_mul(threads::MOST);
    let forward = max(lanes::part_floats(g), pixels::part_floats(g)).saturating_mul(threads::MOST);
    max(weight, max(input, forward))
}

/// The gradients of [`forward`](super::forward) before its activation. All of them accumulate.
///
/// - input, grad_input `[N, C_in, D, H, W]` (`None` where nobody asks, as in a first layer), grad_output
///   `[N, C_out, D', H', W']`;
/// - weight, grad_weight `[C_out, C_in / groups, K_d, K_h, K_w]` in canonical order;
/// - grad_bias `[C_out]`, empty without a bias;
/// - scratch of at least [`backward_scratch_floats`].
///
/// The chain rule over columns: ∂L/∂W += ∂L/∂O · columnsᵀ; ∂L/∂b += Σ ∂L/∂O; ∂L/∂I += col2im(Wᵀ · ∂L/∂O), which is
/// the full convolution of ∂L/∂O with the kernel turned by 180°. Results do not depend on the number of threads.
///
/// # Panics
///
/// If a slice has another length.
#[allow(clippy::too_many_arguments)]
pub fn backward(
    g: &Conv,
    batch: usize,
    input: &[f32],
    weight: &[f32],
    grad_output: &[f32],
    grad_input: Option<&mut [f32]>,
    grad_weight: &mut [f32],
    grad_bias: &mut [f32],
    scratch: &mut [f32],
) {
    assert_eq!(input.len(), batch * g.input_len(), "the input is [N, C_in, D, H, W]");
    assert_eq!(grad_output.len(), batch * g.output_len(), "the output's gradient is [N, C_out, D', H', W']");
    assert!(grad_input.as_ref().is_none_or(|grad| grad.len() == input.len()), "a gradient is as long as its value");
    assert_eq!(weight.len(), g.weight_len(), "the weight is [C_out, C_in / groups, K...]");
    assert_eq!(grad_weight.len(), g.weight_len(), "a gradient is as long as its value");
    assert_eq!(grad_bias.len(), if g.bias { g.out_channels } else { 0 }, "the bias is [C_out] or empty");
    assert!(scratch.len() >= backward_scratch_floats(g), "the scratch needs {} floats", backward_scratch_floats(g));
    if is_depthwise(g) {
        depthwise_samples(g, input, weight, grad_output, grad_input, grad_weight);
    } else if is_flat(g) {
        weight::backward(g, batch, input, grad_output, grad_weight, scratch);
        if let Some(grad_input) = grad_input {
            input::backward(g, batch, weight, grad_output, grad_input, scratch);
        }
    } else {
        columns::backward(g, input, weight, grad_output, grad_input, grad_weight, scratch);
    }
    bias(g, grad_output, grad_bias);
}

/// Sample by sample, in order.
fn depthwise_samples(
    g: &Conv,
    input: &[f32],
    weight: &[f32],
    grad_output: &[f32],
    mut grad_input: Option<&mut [f32]>,
    grad_weight: &mut [f32],
) {
    let samples = input.chunks_exact(g.input_len()).zip(grad_output.chunks_exact(g.output_len()));
    for (n, (input, grad_output)) in samples.enumerate() {
        let grad_input = grad_input.as_mut().map(|grad| &mut grad[n * g.input_len()..][..g.input_len()]);
        depthwise::backward(g, input, weight, grad_output, grad_input, grad_weight);
    }
}

/// Channels are shared out; each has its samples added up in order.
fn bias(g: &Conv, grad_output: &[f32], grad_bias: &mut [f32]) {
    let cells = output_cells(&g.axes);
    threads::each_share(grad_bias, 1, grad_output.len() / 2, |first, grad_bias| {
        for sample in grad_output.chunks_exact(g.output_len()) {
            for (grad, channel) in grad_bias.iter_mut().zip(sample.chunks_exact(cells).skip(first)) {
                *grad += sums::sum(channel);
            }
        }
    });
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
