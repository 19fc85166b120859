//! PReLU and normalisation with constants: values `[N, C, cells]`, one constant a channel.

use super::Real;

/// values ← x where x > 0, else a x: slope a `[C]` or `[1]`.
pub fn prelu_forward<T: Real>(cells: usize, slope: &[T], values: &mut [T]) {
    for (at, x) in values.iter_mut().enumerate() {
        *x = if *x > T::ZERO { *x } else { slope[at / cells % slope.len()] * *x };
    }
}

/// ∂L/∂x += ∂L/∂y where x > 0, else a ∂L/∂y; ∂L/∂a += x ∂L/∂y where x ≤ 0.
pub fn prelu_backward<T: Real>(
    cells: usize,
    input: &[T],
    slope: &[T],
    grad_output: &[T],
    mut grad_input: Option<&mut [T]>,
    grad_slope: &mut [T],
) {
    for (at, (x, grad)) in input.iter().zip(grad_output).enumerate() {
        let channel = at / cells % slope.len();
        let derivative = if *x > T::ZERO { T::ONE } else { slope[channel] };
        grad_slope[channel] += if *x > T::ZERO { T::ZERO } else { *x * *grad };
        if let Some(grad_input) = &mut grad_input {
            grad_input[at] += derivative * *grad;
        }
    }
}

/// values ← (x − mean) / std: mean, std `[C]`.
pub fn normalize_forward<T: Real>(cells: usize, mean: &[T], std: &[T], values: &mut [T]) {
    for (at, x) in values.iter_mut().enumerate() {
        let channel = at / cells % mean.len();
        *x = (*x - mean[channel]) / std[channel];
    }
}

/// grad ← grad / std.
pub fn normalize_backward<T: Real>(cells: usize, std: &[T], grad: &mut [T]) {
    for (at, grad) in grad.iter_mut().enumerate() {
        *grad = *grad / std[at / cells % std.len()];
    }
}
