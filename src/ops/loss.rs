//! Losses: one number for a batch, and the gradient that training starts from.

use super::softmax::log_sum_exp;

/// Cross-entropy fused with softmax: logits `[N, C]`, targets `[N]`, grad `[N, C]`.
///
/// > `L = −1/N Σₙ log softmax(logits[n])[targets[n]]`, `∂L/∂logits = (softmax − onehot) / N`
///
/// Returns L; grad is overwritten, because nothing flows into a loss from elsewhere. The equivalent of PyTorch's
/// `cross_entropy` with class indices, mean over the batch. An empty batch has the loss 0.
///
/// # Panics
///
/// If a slice has another length or a target is not below C.
pub fn cross_entropy(classes: usize, logits: &[f32], targets: &[usize], grad: &mut [f32]) -> f32 {
    assert_eq!(logits.len(), targets.len() * classes, "the logits are [N, C]");
    assert_eq!(grad.len(), logits.len(), "a gradient is as long as its value");
    assert!(targets.iter().all(|target| *target < classes), "a target is below the {classes} classes");
    if logits.is_empty() {
        return 0.0;
    }
    let share = 1.0 / targets.len() as f32;
    let rows = logits.chunks_exact(classes).zip(grad.chunks_exact_mut(classes));
    let mut loss = 0.0;
    for ((row, grad), target) in rows.zip(targets) {
        let (shift, log_sum) = log_sum_exp(row);
        loss += f64::from(log_sum - (row[*target] - shift));
        grad.iter_mut().zip(row).for_each(|(grad, x)| *grad = share * libm::expf((x - shift) - log_sum));
        grad[*target] -= share;
    }
    (loss / targets.len() as f64) as f32
}

/// Mean squared error: output, target, grad of one shape.
///
/// > L = 1/n Σ (y − t)², ∂L/∂y = 2/n (y − t), n = the number of values
///
/// Returns L; grad is overwritten. No values have the loss 0.
///
/// # Panics
///
/// If the slices have different lengths.
pub fn mean_squared_error(output: &[f32], target: &[f32], grad: &mut [f32]) -> f32 {
    assert_eq!(output.len(), target.len(), "the target is as long as the output");
    assert_eq!(grad.len(), output.len(), "a gradient is as long as its value");
    if output.is_empty() {
        return 0.0;
    }
    let mut loss = 0.0;
    for ((y, t), grad) in output.iter().zip(target).zip(grad) {
        let difference = y - t;
        loss += f64::from(difference) * f64::from(difference);
        *grad = difference * (2.0 / output.len() as f32);
    }
    (loss / output.len() as f64) as f32
}

#[cfg(test)]
mod tests;
