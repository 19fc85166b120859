//! The gradients of any convolution, by columns: im2col and a product for the weight, a product and col2im for the input.
//!
//! What volumes use.

use super::super::{columns, is_pointwise, strips};
use crate::ops::Product;
use crate::ops::gemm::{Beta, Matrix, gemm};
use crate::ops::geometry::{Conv, input_cells, output_cells};
use crate::ops::im2col::col2im;

/// All samples, [`super::backward`] without the bias.
pub(super) fn backward(
    g: &Conv,
    input: &[f32],
    weight: &[f32],
    grad_output: &[f32],
    mut grad_input: Option<&mut [f32]>,
    grad_weight: &mut [f32],
    scratch: &mut [f32],
) {
    let samples = input.chunks_exact(g.input_len()).zip(grad_output.chunks_exact(g.output_len()));
    for (n, (input, grad_output)) in samples.enumerate() {
        let grad_input = grad_input.as_mut().map(|grad| &mut grad[n * g.input_len()..][..g.input_len()]);
        backward_sample(g, input, weight, grad_output, grad_input, grad_weight, scratch);
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
        let weight = &weight[group * channels * taps..][..channels * taps];
        let grad_weight = &mut grad_weight[group * channels * taps..][..channels * taps];
        let grad_output = &grad_output[group * channels * positions..][..channels * positions];
        for strip in strips(g, scratch.len()) {
            let grad = Matrix::rows(&grad_output[strip.start..], positions);
            // [C_out / groups, strip] × [strip, taps] → [C_out / groups, taps]
            let turned = columns(g, group, input, 0..taps, &strip, scratch).transposed();
            gemm(Product::Own, [channels, taps, strip.len()], grad, turned, grad_weight, taps, Beta::One);
            let Some(grad_input) = grad_input.as_mut() else { continue };
            // [taps, C_out / groups] × [C_out / groups, strip] → [taps, strip]
            let sizes = [taps, strip.len(), channels];
            let weight = Matrix::columns(weight, taps);
            if is_pointwise(g) {
                let cells = input_cells(&g.axes);
                let target = &mut grad_input[group * taps * cells + strip.start..];
                gemm(Product::Own, sizes, weight, grad, target, cells, Beta::One);
            } else {
                let columns = &mut scratch[..taps * strip.len()];
                gemm(Product::Own, sizes, weight, grad, columns, strip.len(), Beta::Zero);
                col2im(g, group, columns, strip.clone(), grad_input);
            }
        }
    }
}
