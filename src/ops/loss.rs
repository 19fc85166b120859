//! Losses: one number for a batch, and the gradient that training starts from.

use super::softmax::{blocks, log_sum_exp};

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
    channel_cross_entropy([classes, 1], logits, targets, grad)
}

/// The same for a class at each position, as in segmentation: logits, grad `[N, C, positions]`, targets
/// `[N, positions]`; the mean is over all N · positions.
///
/// # Panics
///
/// If a slice has another length or a target is not below C.
pub fn channel_cross_entropy(
    [classes, positions]: [usize; 2],
    logits: &[f32],
    targets: &[usize],
    grad: &mut [f32],
) -> f32 {
    assert_eq!(logits.len(), targets.len() * classes, "the logits are [N, C, positions], the targets [N, positions]");
    assert_eq!(grad.len(), logits.len(), "a gradient is as long as its value");
    assert!(targets.iter().all(|target| *target < classes), "a target is below the {classes} classes");
    if logits.is_empty() {
        return 0.0;
    }
    let share = 1.0 / targets.len() as f32;
    let (mut loss, mut rest) = (0.0, targets);
    for block in blocks([classes, positions], logits.len()) {
        let (targets, after) = rest.split_at(block.lanes); // blocks come in the order of targets
        rest = after;
        let (shifts, log_sums) = log_sum_exp(block.rows(logits));
        for (class, (row, grad)) in block.rows(logits).zip(block.rows_mut(grad)).enumerate() {
            for (lane, (x, grad)) in row.iter().zip(grad).enumerate() {
                let (difference, hit) = (x - shifts[lane], targets[lane] == class);
                *grad = share * libm::expf(difference - log_sums[lane]) - if hit { share } else { 0.0 };
                loss += if hit { f64::from(log_sums[lane] - difference) } else { 0.0 };
            }
        }
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
