//! Convolution as its sum says, and its three derivatives.

use super::Real;
use crate::ops::geometry::{Axis, Conv, input_cells, kernel_cells, output_cells};

/// `O[n, o, x] = b[o] + Σ_c Σ_t W[o, c, t] · I[n, c, x s + t d − p₀]`.
///
/// Input `[N, C_in, D, H, W]`, weight `[C_out, C_in / groups, K_d, K_h, K_w]`, bias `[C_out]` or empty, output
/// `[N, C_out, D', H', W']`.
pub fn conv_forward<T: Real>(g: &Conv, batch: usize, input: &[T], weight: &[T], bias: &[T], output: &mut [T]) {
    for (at, value) in output[..batch * g.output_len()].iter_mut().enumerate() {
        let channel = at / output_cells(&g.axes) % g.out_channels;
        *value = if g.bias { bias[channel] } else { T::ZERO };
    }
    each_product(g, batch, |o, w, i| output[o] += weight[w] * input[i]);
}

/// By the product rule on every product of the sum: ∂L/∂W += ∂L/∂O · I, ∂L/∂I += ∂L/∂O · W, ∂L/∂b += ∂L/∂O.
///
/// Shapes as in [`conv_forward`], each gradient that of its value; grad_bias is empty without a bias.
#[allow(clippy::too_many_arguments)]
pub fn conv_backward<T: Real>(
    g: &Conv,
    batch: usize,
    input: &[T],
    weight: &[T],
    grad_output: &[T],
    mut grad_input: Option<&mut [T]>,
    grad_weight: &mut [T],
    grad_bias: &mut [T],
) {
    each_product(g, batch, |o, w, i| {
        grad_weight[w] += grad_output[o] * input[i];
        if let Some(grad_input) = &mut grad_input {
            grad_input[i] += grad_output[o] * weight[w];
        }
    });
    for (at, grad) in grad_output[..batch * g.output_len()].iter().enumerate().filter(|_| g.bias) {
        grad_bias[at / output_cells(&g.axes) % g.out_channels] += *grad;
    }
}

/// The transposed convolution: [`conv_forward`]'s matrix, transposed. `g` is the convolution that it transposes, so
/// here the input is `[N, C_out, D', H', W']`, the weight `[C_out, C_in / groups, K_d, K_h, K_w]` (PyTorch's order for
/// `conv_transpose`), the bias `[C_in]` or empty, and the output `[N, C_in, D, H, W]`.
pub fn conv_transposed<T: Real>(g: &Conv, batch: usize, input: &[T], weight: &[T], bias: &[T], output: &mut [T]) {
    for (at, value) in output[..batch * g.input_len()].iter_mut().enumerate() {
        let channel = at / input_cells(&g.axes) % g.in_channels;
        *value = if bias.is_empty() { T::ZERO } else { bias[channel] };
    }
    each_product(g, batch, |o, w, i| output[i] += weight[w] * input[o]);
}

/// By the product rule on every product of the sum: ∂L/∂W += ∂L/∂O · I, ∂L/∂I += ∂L/∂O · W, ∂L/∂b += ∂L/∂O.
///
/// Shapes as in [`conv_transposed`], each gradient that of its value; grad_bias is empty without a bias.
#[allow(clippy::too_many_arguments)]
pub fn conv_transposed_backward<T: Real>(
    g: &Conv,
    batch: usize,
    input: &[T],
    weight: &[T],
    grad_output: &[T],
    mut grad_input: Option<&mut [T]>,
    grad_weight: &mut [T],
    grad_bias: &mut [T],
) {
    each_product(g, batch, |o, w, i| {
        grad_weight[w] += grad_output[i] * input[o];
        if let Some(grad_input) = &mut grad_input {
            grad_input[o] += grad_output[i] * weight[w];
        }
    });
    for (at, grad) in grad_output[..batch * g.input_len()].iter().enumerate().filter(|_| g.bias) {
        grad_bias[at / input_cells(&g.axes) % g.in_channels] += *grad;
    }
}

/// Calls `f` with the indices of output, weight and input for every product of the convolution.
pub(in crate::ops) fn each_product(g: &Conv, batch: usize, mut f: impl FnMut(usize, usize, usize)) {
    let (group_in, group_out) = (g.in_channels / g.groups, g.out_channels / g.groups);
    for n in 0..batch {
        for out_channel in 0..g.out_channels {
            for channel in 0..group_in {
                let in_channel = out_channel / group_out * group_in + channel;
                let output = (n * g.out_channels + out_channel) * output_cells(&g.axes);
                let weight = (out_channel * group_in + channel) * kernel_cells(&g.axes);
                let input = (n * g.in_channels + in_channel) * input_cells(&g.axes);
                each_tap(&g.axes, |o, w, i| f(output + o, weight + w, input + i));
            }
        }
    }
}

/// The same for one plane: every output position, every tap, if it lies on the input.
pub(super) fn each_tap(axes: &[Axis; 3], mut f: impl FnMut(usize, usize, usize)) {
    let [depth, height, width] = axes;
    let outputs = [depth.output, height.output, width.output];
    let kernels = [depth.kernel, height.kernel, width.kernel];
    for o in 0..output_cells(axes) {
        let [od, oh, ow] = split(o, outputs);
        for t in 0..kernel_cells(axes) {
            let [kd, kh, kw] = split(t, kernels);
            let cell = (depth.source(od, kd), height.source(oh, kh), width.source(ow, kw));
            if let (Some(d), Some(h), Some(w)) = cell {
                f(o, t, (d * height.input + h) * width.input + w);
            }
        }
    }
}

/// The three coordinates of an index in `[D, H, W]`.
pub(super) fn split(index: usize, [_, height, width]: [usize; 3]) -> [usize; 3] {
    [index / (height * width), index / width % height, index % width]
}
