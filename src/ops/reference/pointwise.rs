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
    channel_softmax([columns, 1], values);
}

/// [`softmax`]'s gradient, from its output.
pub fn softmax_backward<T: Real>(columns: usize, output: &[T], grad: &mut [T]) {
    channel_softmax_backward([columns, 1], output, grad);
}

/// log y = x − m − log Σ eˣ⁻ᵐ with m = max x, row by row of `columns`.
pub fn log_softmax<T: Real>(columns: usize, values: &mut [T]) {
    channel_log_softmax([columns, 1], values);
}

/// [`log_softmax`]'s gradient, from its output.
pub fn log_softmax_backward<T: Real>(columns: usize, output: &[T], grad: &mut [T]) {
    channel_log_softmax_backward([columns, 1], output, grad);
}

/// y = eˣ⁻ᵐ / Σ eˣ⁻ᵐ over the channels at each position of values `[N, C, positions]`.
pub fn channel_softmax<T: Real>(sizes: [usize; 2], values: &mut [T]) {
    channel_log_softmax(sizes, values);
    values.iter_mut().for_each(|y| *y = y.exp());
}

/// `grad[j] ← Σᵢ grad[i] ∂yᵢ/∂xⱼ`, `∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ)`.
pub fn channel_softmax_backward<T: Real>(sizes: [usize; 2], output: &[T], grad: &mut [T]) {
    for cells in columns(sizes, output.len()) {
        let mean: T = cells.clone().map(|i| output[i] * grad[i]).sum();
        cells.for_each(|j| grad[j] = output[j] * (grad[j] - mean));
    }
}

/// log y = x − m − log Σ eˣ⁻ᵐ with m = max x, over the channels at each position of values `[N, C, positions]`.
pub fn channel_log_softmax<T: Real>(sizes: [usize; 2], values: &mut [T]) {
    for cells in columns(sizes, values.len()) {
        let larger = |max, i: usize| if values[i] > max { values[i] } else { max };
        let max = cells.clone().fold(T::NEG_INFINITY, larger);
        let sum: T = cells.clone().map(|i| (values[i] - max).exp()).sum();
        cells.for_each(|i| values[i] = values[i] - max - sum.ln());
    }
}

/// `grad[j] ← Σᵢ grad[i] ∂log yᵢ/∂xⱼ`, `∂log yᵢ/∂xⱼ = δᵢⱼ − yⱼ`.
pub fn channel_log_softmax_backward<T: Real>(sizes: [usize; 2], output: &[T], grad: &mut [T]) {
    for cells in columns(sizes, output.len()) {
        let sum: T = cells.clone().map(|i| grad[i]).sum();
        cells.for_each(|j| grad[j] = grad[j] - output[j].exp() * sum);
    }
}

/// For every sample and position the indices of its channels in `[N, C, positions]`.
fn columns(
    [channels, positions]: [usize; 2],
    length: usize,
) -> impl Iterator<Item = impl Iterator<Item = usize> + Clone> {
    (0..length / channels).map(move |column| {
        let first = column / positions * channels * positions + column % positions;
        (0..channels).map(move |channel| first + channel * positions)
    })
}

/// `L = −1/N Σₙ log softmax(logits[n])[targets[n]]`; grad ← ∂L/∂logits. Logits, grad `[N, C]`, targets `[N]`.
pub fn cross_entropy<T: Real>(classes: usize, logits: &[T], targets: &[usize], grad: &mut [T]) -> T {
    channel_cross_entropy([classes, 1], logits, targets, grad)
}

/// The same at each position, the mean over all N · positions: logits, grad `[N, C, positions]`, targets
/// `[N, positions]`.
pub fn channel_cross_entropy<T: Real>(sizes: [usize; 2], logits: &[T], targets: &[usize], grad: &mut [T]) -> T {
    let n = T::from_usize(targets.len());
    grad.copy_from_slice(logits);
    channel_log_softmax(sizes, grad);
    let mut loss = T::ZERO;
    for (cells, target) in columns(sizes, logits.len()).zip(targets) {
        for (class, i) in cells.enumerate() {
            if class == *target {
                loss += -grad[i] / n;
            }
            grad[i] = (grad[i].exp() - if class == *target { T::ONE } else { T::ZERO }) / n;
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
