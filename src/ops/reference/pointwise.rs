//! Linear, softmax and losses as their formulas say.

use super::Real;
use crate::ops::geometry::Linear;

/// `Y[n, o] = b[o] + Σᵢ W[o, i] X[n, i]`: input `[N, in]`, weight `[out, in]`, bias `[out]` or empty, output `[N, out]`.
pub fn linear_forward<T: Real>(g: &Linear, batch: usize, input: &[T], weight: &[T], bias: &[T], output: &mut [T]) {
    for n in 0..batch {
        for o in 0..g.out_features {
            let mut sum = if g.bias { bias[o] } else { T::ZERO };
            for i in 0..g.in_features {
                sum += weight[o * g.in_features + i] * input[n * g.in_features + i];
            }
            output[n * g.out_features + o] = sum;
        }
    }
}

/// `∂L/∂W[o, i] += ∂L/∂Y[n, o] X[n, i]`, `∂L/∂X[n, i] += ∂L/∂Y[n, o] W[o, i]`, `∂L/∂b[o] += ∂L/∂Y[n, o]`.
#[allow(clippy::too_many_arguments)]
pub fn linear_backward<T: Real>(
    g: &Linear,
    batch: usize,
    input: &[T],
    weight: &[T],
    grad_output: &[T],
    mut grad_input: Option<&mut [T]>,
    grad_weight: &mut [T],
    grad_bias: &mut [T],
) {
    for n in 0..batch {
        for o in 0..g.out_features {
            let grad = grad_output[n * g.out_features + o];
            for i in 0..g.in_features {
                grad_weight[o * g.in_features + i] += grad * input[n * g.in_features + i];
                if let Some(grad_input) = &mut grad_input {
                    grad_input[n * g.in_features + i] += grad * weight[o * g.in_features + i];
                }
            }
            if g.bias {
                grad_bias[o] += grad;
            }
        }
    }
}

/// y = eˣ⁻ᵐ / Σ eˣ⁻ᵐ, row by row of `columns`.
pub fn softmax<T: Real>(columns: usize, values: &mut [T]) {
    log_softmax(columns, values);
    values.iter_mut().for_each(|y| *y = y.exp());
}

/// `grad[j] ← Σᵢ grad[i] ∂yᵢ/∂xⱼ`, `∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ)`.
pub fn softmax_backward<T: Real>(columns: usize, output: &[T], grad: &mut [T]) {
    for (y, grad) in output.chunks_exact(columns).zip(grad.chunks_exact_mut(columns)) {
        let mean: T = y.iter().zip(grad.iter()).map(|(y, grad)| *y * *grad).sum();
        grad.iter_mut().zip(y).for_each(|(grad, y)| *grad = *y * (*grad - mean));
    }
}

/// log y = x − m − log Σ eˣ⁻ᵐ with m = max x, row by row of `columns`.
pub fn log_softmax<T: Real>(columns: usize, values: &mut [T]) {
    for row in values.chunks_exact_mut(columns) {
        let max = row.iter().fold(T::NEG_INFINITY, |max, x| if *x > max { *x } else { max });
        let sum: T = row.iter().map(|x| (*x - max).exp()).sum();
        row.iter_mut().for_each(|x| *x = *x - max - sum.ln());
    }
}

/// `grad[j] ← Σᵢ grad[i] ∂log yᵢ/∂xⱼ`, `∂log yᵢ/∂xⱼ = δᵢⱼ − yⱼ`.
pub fn log_softmax_backward<T: Real>(columns: usize, output: &[T], grad: &mut [T]) {
    for (log_y, grad) in output.chunks_exact(columns).zip(grad.chunks_exact_mut(columns)) {
        let sum: T = grad.iter().copied().sum();
        grad.iter_mut().zip(log_y).for_each(|(grad, log_y)| *grad = *grad - log_y.exp() * sum);
    }
}

/// `L = −1/N Σₙ log softmax(logits[n])[targets[n]]`; grad ← ∂L/∂logits. Logits, grad `[N, C]`, targets `[N]`.
pub fn cross_entropy<T: Real>(classes: usize, logits: &[T], targets: &[usize], grad: &mut [T]) -> T {
    let n = T::from_usize(targets.len());
    grad.copy_from_slice(logits);
    log_softmax(classes, grad);
    let mut loss = T::ZERO;
    for (row, target) in grad.chunks_exact_mut(classes).zip(targets) {
        loss += -row[*target] / n;
        for (class, value) in row.iter_mut().enumerate() {
            *value = (value.exp() - if class == *target { T::ONE } else { T::ZERO }) / n;
        }
    }
    loss
}

/// L = 1/n Σ (y − t)²; grad ← ∂L/∂y = 2/n (y − t).
pub fn mean_squared_error<T: Real>(output: &[T], target: &[T], grad: &mut [T]) -> T {
    let n = T::from_usize(output.len());
    let mut loss = T::ZERO;
    for ((y, t), grad) in output.iter().zip(target).zip(grad) {
        loss += (*y - *t) * (*y - *t) / n;
        *grad = (T::ONE + T::ONE) * (*y - *t) / n;
    }
    loss
}
