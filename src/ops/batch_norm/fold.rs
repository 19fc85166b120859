//! Batch normalisation at inference: a product and a sum a channel, or nothing at all.

use super::root::inverse_root;
use crate::ops::assert_samples;
use crate::ops::geometry::{Conv, kernel_cells};

/// scale ← γ / √(var + ε), shift ← β − mean · scale: γ, β, scale, shift `[C]`, statistics `[2, C]`, the means and then
/// the variances. Computed in f64. Runs at compile time too.
///
/// # Panics
///
/// If a slice has another length.
pub const fn scale_and_shift(
    epsilon: f32,
    gamma: &[f32],
    beta: &[f32],
    statistics: &[f32],
    scale: &mut [f32],
    shift: &mut [f32],
) {
    let channels = gamma.len();
    assert!(beta.len() == channels && statistics.len() == 2 * channels, "β is [C], the statistics are [2, C]");
    assert!(scale.len() == channels && shift.len() == channels, "scale and shift are [C]");
    let mut channel = 0;
    while channel < channels {
        let exact = gamma[channel] as f64 * inverse_root(statistics[channels + channel], epsilon);
        scale[channel] = exact as f32;
        shift[channel] = (beta[channel] as f64 - statistics[channel] as f64 * exact) as f32;
        channel += 1;
    }
}

/// values ← scale · values + shift, in place: values `[N, C, cells]`, scale, shift `[C]`.
///
/// # Panics
///
/// If the values are not whole samples, or scale and shift have different lengths.
pub fn apply(cells: usize, scale: &[f32], shift: &[f32], values: &mut [f32]) {
    assert_eq!(scale.len(), shift.len(), "scale and shift are [C]");
    assert_samples(scale.len(), cells, values.len());
    for (values, (scale, shift)) in values.chunks_exact_mut(cells).zip(scale.iter().zip(shift).cycle()) {
        values.iter_mut().for_each(|x| *x = *x * scale + shift);
    }
}

/// values ← γ (values − mean) / √(var + ε) + β with running statistics, in place and without scratch: values
/// `[N, C, cells]`, γ, β `[C]`, running `[2, C]`.
///
/// # Panics
///
/// If a slice has another length.
pub fn infer(cells: usize, epsilon: f32, gamma: &[f32], beta: &[f32], running: &[f32], values: &mut [f32]) {
    let channels = gamma.len();
    assert_eq!([beta.len(), running.len()], [channels, 2 * channels], "β is [C], the statistics are [2, C]");
    assert_samples(channels, cells, values.len());
    for (plane, values) in values.chunks_exact_mut(cells).enumerate() {
        let channel = plane % channels;
        let own = channel..channel + 1;
        let statistics = [running[channel], running[channels + channel]];
        let (mut scale, mut shift) = ([0.0], [0.0]);
        scale_and_shift(epsilon, &gamma[own.clone()], &beta[own], &statistics, &mut scale, &mut shift);
        apply(cells, &scale, &shift, values);
    }
}

/// Folds scale and shift `[C_out]` into the convolution or linear layer directly before: weight `[C_out, …]`, bias
/// `[C_out]`, zeros where the layer had none.
///
/// > scale (W x + b) + shift = (scale W) x + (scale b + shift)
///
/// Runs at compile time too.
///
/// # Panics
///
/// If the weight is not whole rows, or a slice has another length.
pub const fn fold(scale: &[f32], shift: &[f32], weight: &mut [f32], bias: &mut [f32]) {
    let channels = scale.len();
    assert!(channels > 0 && weight.len().is_multiple_of(channels), "the weight is [C_out, ...]");
    let row = weight.len() / channels;
    let mut channel = 0;
    while channel < channels {
        let (scale, own) = (scale[channel], weight.split_at_mut(channel * row).1.split_at_mut(row).0);
        scale_all(scale, own);
        channel += 1;
    }
    fold_bias(scale, shift, bias);
}

/// The same for the transposed convolution of `g`, whose weight is `[g.out_channels, g.in_channels / groups, K_d,
/// K_h, K_w]`: scale, shift and bias `[g.in_channels]`, the channels of its output.
///
/// # Panics
///
/// If a slice has another length.
pub const fn fold_transposed(g: &Conv, scale: &[f32], shift: &[f32], weight: &mut [f32], bias: &mut [f32]) {
    assert!(weight.len() == g.weight_len(), "the weight is [in, out / groups, K...]");
    assert!(scale.len() == g.in_channels, "scale and shift are [out]");
    let (group_out, group_in) = (g.in_channels / g.groups, g.out_channels / g.groups);
    let (kernel, mut plane) = (kernel_cells(&g.axes), 0);
    while plane * kernel < weight.len() {
        let group = plane / group_out / group_in;
        let own = weight.split_at_mut(plane * kernel).1.split_at_mut(kernel).0;
        scale_all(scale[group * group_out + plane % group_out], own);
        plane += 1;
    }
    fold_bias(scale, shift, bias);
}

/// Few steps for each value: rustc's interpreter runs this for `embed!`.
const fn scale_all(scale: f32, values: &mut [f32]) {
    let (chunks, rest) = values.as_chunks_mut::<4>();
    let mut i = 0;
    while i < chunks.len() {
        let [a, b, c, d] = &mut chunks[i];
        (*a, *b, *c, *d) = (*a * scale, *b * scale, *c * scale, *d * scale);
        i += 1;
    }
    i = 0;
    while i < rest.len() {
        rest[i] *= scale;
        i += 1;
    }
}

const fn fold_bias(scale: &[f32], shift: &[f32], bias: &mut [f32]) {
    assert!(shift.len() == scale.len() && bias.len() == scale.len(), "scale, shift and bias are of one length");
    let mut channel = 0;
    while channel < scale.len() {
        bias[channel] = bias[channel] * scale[channel] + shift[channel];
        channel += 1;
    }
}
