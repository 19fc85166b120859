//! Transposed convolution: input `[N, C_in, D, H, W]`, weight `[C_in, C_out / groups, K_d, K_h, K_w]`, bias `[C_out]`,
//! output `[N, C_out, D', H', W']` with D' = s (D − 1) + d (k − 1) + 1 − p₀ − p₁ + output padding.
//!
//! > `O[o, x s + t d − p₀] += W[c, o, t] · I[c, x]`, from `O = b`
//!
//! A convolution is a product with a sparse matrix; this is the product with its transpose (see
//! [`matrix`](super::teach::matrix())). So the geometry here is that of the convolution `g` that takes this
//! operation's *output* to its *input*: C_out = `g.in_channels`, D' = `g.axes[0].input`, C_in = `g.out_channels`. Its
//! weight is `g`'s, in the same order. (PyTorch: `conv_transpose1d` to `3d`, and their order.)
//!
//! Everything of a convolution's backward pass comes back here as forward and the other way round: [`forward`] makes
//! columns Wᵀ · I of a strip of positions and adds them to where they belong with [`col2im`]; [`backward`] reads
//! ∂L/∂O with [`im2col`] and multiplies. Pointwise ones (1×1, stride 1) need no columns, depthwise ones no product.
//!
//! [`im2col`]: super::im2col::im2col()

mod pack;

use super::conv::{self, columns, depthwise, is_depthwise, is_pointwise, strips};
use super::gemm::{Beta, Matrix, gemm};
use super::geometry::{Conv, input_cells, output_cells};
use super::im2col::col2im;
use super::sums::sum;
use super::{Activation, Product, Weight, activation};
use pack::{bias_floats, group_matrix, open};
pub use pack::{pack, packed_floats};

/// Input values under a strip, at most: 64 Ki floats · 4 bytes = 256 KiB, a share of a second-level cache, because the
/// product reads them once for every four rows of Wᵀ. For upconv_7's last layer (256 channels, 48 taps) that is 256
/// positions; with strips ten times as long it took nearly twice as long.
const INPUT_STRIP: usize = 64 * 1024;

/// Positions that a strip has at least, as in a convolution.
const FEW: usize = 16;

/// Scratch that [`forward`] needs, in floats: 0 for pointwise and depthwise ones, else one strip of columns
/// `[taps, positions]`, no longer than for the convolution `g`. More is faster, as there.
pub const fn scratch_floats(g: &Conv) -> usize {
    min(conv::scratch_floats(g), longest_strip(g))
}

/// Floats of scratch that are of use.
const fn longest_strip(g: &Conv) -> usize {
    let channels = max(g.out_channels / g.groups, 1);
    g.taps().saturating_mul(max(INPUT_STRIP / channels, FEW))
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// Scratch that [`backward`] needs, in floats: that of the convolution `g`.
pub const fn backward_scratch_floats(g: &Conv) -> usize {
    conv::columns_floats(g)
}

/// output ← activation(weight ∗ᵀ input + bias).
///
/// - input `[N, C_in, D, H, W]`, output `[N, C_out, D', H', W']`;
/// - weight canonical with bias `[C_out]` (empty without one), or packed by [`pack`] with an empty bias;
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
    assert_eq!(input.len(), batch * g.output_len(), "the input is [N, C_in, D, H, W]");
    assert_eq!(output.len(), batch * g.input_len(), "the output is [N, C_out, D', H', W']");
    assert!(scratch.len() >= scratch_floats(g), "the scratch needs {} floats", scratch_floats(g));
    let (weight, bias) = open(g, weight, bias);
    for (input, output) in input.chunks_exact(g.output_len()).zip(output.chunks_exact_mut(g.input_len())) {
        for (channel, output) in output.chunks_exact_mut(input_cells(&g.axes)).enumerate() {
            output.fill(bias.get(channel).copied().unwrap_or(0.0));
        }
        if let (true, Weight::Canonical(weight)) = (is_depthwise(g), weight) {
            for (channel, input) in input.chunks_exact(output_cells(&g.axes)).enumerate() {
                depthwise::scatter(g, channel, input, weight, output);
            }
        } else {
            forward_sample(g, input, weight, output, scratch, product);
        }
        if let Some(activation) = activation {
            activation::apply(activation, output);
        }
    }
}

/// One sample, added to the output: LOOP 2 over the groups, LOOP 1 over strips of positions.
fn forward_sample(g: &Conv, input: &[f32], weight: Weight, output: &mut [f32], scratch: &mut [f32], product: Product) {
    let (positions, taps, channels) = (output_cells(&g.axes), g.taps(), g.out_channels / g.groups);
    for group in 0..g.groups {
        let left = group_matrix(g, weight, group);
        let input = &input[group * channels * positions..][..channels * positions];
        for strip in strips(g, min(scratch.len(), longest_strip(g))) {
            // [taps, C_in / groups] × [C_in / groups, strip] → [taps, strip]
            let (sizes, right) = ([taps, strip.len(), channels], Matrix::rows(&input[strip.start..], positions));
            if is_pointwise(g) {
                let output = &mut output[group * taps * positions + strip.start..];
                gemm(product, sizes, left, right, output, positions, Beta::One);
            } else {
                let columns = &mut scratch[..taps * strip.len()];
                gemm(product, sizes, left, right, columns, strip.len(), Beta::Zero);
                col2im(g, group, columns, strip, output);
            }
        }
    }
}

/// The gradients of [`forward`] before its activation. All of them accumulate.
///
/// - input, grad_input `[N, C_in, D, H, W]` (`None` where nobody asks, as in a first layer), grad_output
///   `[N, C_out, D', H', W']`;
/// - weight, grad_weight `[C_in, C_out / groups, K_d, K_h, K_w]` in canonical order;
/// - grad_bias `[C_out]`, empty without a bias;
/// - scratch of at least [`backward_scratch_floats`].
///
/// With columns = im2col(∂L/∂O): ∂L/∂I += W · columns, which is the convolution `g` of ∂L/∂O; ∂L/∂W += I · columnsᵀ;
/// ∂L/∂b += Σ ∂L/∂O.
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
    mut grad_input: Option<&mut [f32]>,
    grad_weight: &mut [f32],
    grad_bias: &mut [f32],
    scratch: &mut [f32],
) {
    assert_eq!(input.len(), batch * g.output_len(), "the input is [N, C_in, D, H, W]");
    assert_eq!(grad_output.len(), batch * g.input_len(), "the output's gradient is [N, C_out, D', H', W']");
    assert!(grad_input.as_ref().is_none_or(|grad| grad.len() == input.len()), "a gradient is as long as its value");
    assert_eq!(weight.len(), g.weight_len(), "the weight is [C_in, C_out / groups, K...]");
    assert_eq!(grad_weight.len(), g.weight_len(), "a gradient is as long as its value");
    assert_eq!(grad_bias.len(), bias_floats(g), "the bias is [C_out] or empty");
    assert!(scratch.len() >= backward_scratch_floats(g), "the scratch needs {} floats", backward_scratch_floats(g));
    let samples = input.chunks_exact(g.output_len()).zip(grad_output.chunks_exact(g.input_len()));
    for (n, (input, grad_output)) in samples.enumerate() {
        let grad_input = grad_input.as_mut().map(|grad| &mut grad[n * g.output_len()..][..g.output_len()]);
        if is_depthwise(g) {
            backward_depthwise(g, input, weight, grad_output, grad_input, grad_weight);
        } else {
            backward_sample(g, input, weight, grad_output, grad_input, grad_weight, scratch);
        }
        for (grad, channel) in grad_bias.iter_mut().zip(grad_output.chunks_exact(input_cells(&g.axes))) {
            *grad += sum(channel);
        }
    }
}

/// One sample: LOOP 2 over the groups, LOOP 1 over strips of positions.
fn backward_sample(
    g: &Conv,
    input: &[f32],
    weight: &[f32],
    grad_output: &[f32],
    mut grad_input: Option<&mut [f32]>,
    grad_weight: &mut [f32],
    scratch: &mut [f32],
) {
    let (positions, taps, channels) = (output_cells(&g.axes), g.taps(), g.out_channels / g.groups);
    for group in 0..g.groups {
        let weight = Matrix::rows(&weight[group * channels * taps..], taps);
        let grad_weight = &mut grad_weight[group * channels * taps..][..channels * taps];
        let input = &input[group * channels * positions..][..channels * positions];
        for strip in strips(g, scratch.len()) {
            let columns = columns(g, group, grad_output, 0..g.taps(), &strip, scratch);
            let values = Matrix::rows(&input[strip.start..], positions);
            // [C_in / groups, strip] × [strip, taps] → [C_in / groups, taps]
            let sizes = [channels, taps, strip.len()];
            gemm(Product::Own, sizes, values, columns.transposed(), grad_weight, taps, Beta::One);
            let Some(grad_input) = grad_input.as_mut() else { continue };
            // [C_in / groups, taps] × [taps, strip] → [C_in / groups, strip]
            let target = &mut grad_input[group * channels * positions + strip.start..];
            gemm(Product::Own, [channels, strip.len(), taps], weight, columns, target, positions, Beta::One);
        }
    }
}

/// One sample of a depthwise one: input and ∂L/∂O change places in the convolution's loops.
fn backward_depthwise(
    g: &Conv,
    input: &[f32],
    weight: &[f32],
    grad_output: &[f32],
    grad_input: Option<&mut [f32]>,
    grad_weight: &mut [f32],
) {
    depthwise::backward(g, grad_output, weight, input, None, grad_weight);
    let Some(grad_input) = grad_input else { return };
    for (channel, grad_input) in grad_input.chunks_exact_mut(output_cells(&g.axes)).enumerate() {
        depthwise::gather(g, channel, grad_output, weight, grad_input);
    }
}

#[cfg(test)]
mod tests;
