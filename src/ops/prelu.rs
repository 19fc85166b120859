//! PReLU: values `[N, C, cells]`, slope `[C]`, one a channel, or `[1]`, one for all.
//!
//! > y = x where x > 0, else a x
//! >
//! > ∂L/∂x += ∂L/∂y where x > 0, else a ∂L/∂y; ∂L/∂a += Σ x ∂L/∂y over the x ≤ 0
//!
//! K. He, X. Zhang, S. Ren, J. Sun, *Delving deep into rectifiers*, ICCV 2015, equations 1, 8 and 9; at 0 the slope
//! is a, as in PyTorch. A NaN stays NaN.

use super::assert_samples;
use super::sums::sum_pairs;

/// values ← PReLU(values), in place: values `[N, C, cells]`, slope `[C]` or `[1]`.
///
/// # Panics
///
/// If the values are not whole samples.
pub fn forward(cells: usize, slope: &[f32], values: &mut [f32]) {
    assert_samples(slope.len(), cells, values.len());
    for (values, slope) in values.chunks_exact_mut(cells).zip(slope.iter().cycle()) {
        values.iter_mut().for_each(|x| *x = if *x > 0.0 { *x } else { slope * *x });
    }
}

/// The gradients of [`forward`]. All of them accumulate.
///
/// - input, grad_input `[N, C, cells]` (`None` where nobody asks), grad_output of the same shape;
/// - slope, grad_slope `[C]` or `[1]`.
///
/// # Panics
///
/// If a slice has another length.
pub fn backward(
    cells: usize,
    input: &[f32],
    slope: &[f32],
    grad_output: &[f32],
    mut grad_input: Option<&mut [f32]>,
    grad_slope: &mut [f32],
) {
    assert_samples(slope.len(), cells, input.len());
    assert_eq!(grad_output.len(), input.len(), "the output is as long as the input");
    assert!(grad_input.as_ref().is_none_or(|grad| grad.len() == input.len()), "a gradient is as long as its value");
    assert_eq!(grad_slope.len(), slope.len(), "a gradient is as long as its value");
    let planes = input.chunks_exact(cells).zip(grad_output.chunks_exact(cells));
    for (plane, (input, grad_output)) in planes.enumerate() {
        let channel = plane % slope.len();
        if let Some(grad_input) = &mut grad_input {
            let grad_input = &mut grad_input[plane * cells..][..cells];
            for ((sum, x), grad) in grad_input.iter_mut().zip(input).zip(grad_output) {
                *sum += if *x > 0.0 { *grad } else { slope[channel] * grad };
            }
        }
        grad_slope[channel] += sum_pairs(input, grad_output, |x, grad| if x > 0.0 { 0.0 } else { x * grad }) as f32;
    }
}

#[cfg(test)]
mod tests;
