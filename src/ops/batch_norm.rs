//! Batch normalisation: input and output `[N, C, cells]`, γ and β `[C]`, statistics `[2, C]`, the means and then the
//! variances.
//!
//! > y = γ x̂ + β, x̂ = (x − mean) / √(var + ε), each channel by itself
//!
//! - In training the statistics are those of the batch, over N and cells: [`batch_statistics`], then [`forward`] with
//!   them, then [`update_running`] for later. Backward wants the same statistics again.
//! - At inference they are the running ones, so a channel is a product and a sum: [`scale_and_shift`], then [`apply`]
//!   in place. Better still nothing is left to do: [`fold`] and [`fold_transposed`] put both into the convolution or
//!   linear layer directly before. These three run at compile time too.
//!
//! S. Ioffe, C. Szegedy, *Batch normalization*, ICML 2015, algorithms 1 and 2. Three rules differ between frameworks;
//! these are PyTorch's: the batch is normalised with the biased variance (divided by the number m of values), the
//! running one takes the unbiased (divided by m − 1; ONNX takes the biased there too), and momentum is the share of the
//! new batch (in ONNX, of the old).

mod fold;
mod root;

pub use fold::{apply, fold, fold_transposed, infer, scale_and_shift};
use root::inverse_root;

use super::assert_samples;
use super::sums::{sum_of, sum_pairs};

/// Means and variances, `[2, C]`, and whose they are.
#[derive(Clone, Copy, Debug)]
pub enum Statistics<'a, T = f32> {
    /// Of the batch itself: they are functions of the input, and the gradient flows through them.
    Batch(&'a [T]),
    /// Running ones, or any constants, as when a trained network is tuned with its normalisation frozen.
    Running(&'a [T]),
}

impl<'a, T> Statistics<'a, T> {
    /// Means and variances.
    pub fn values(&self) -> &'a [T] {
        let (Statistics::Batch(values) | Statistics::Running(values)) = self;
        values
    }
}

/// statistics `[2, C]` ← mean and biased variance of each channel of input `[N, C, cells]`.
///
/// # Panics
///
/// If the input is not whole samples, or a channel has fewer than two values, whose variance means nothing.
pub fn batch_statistics(cells: usize, input: &[f32], statistics: &mut [f32]) {
    let channels = statistics.len() / 2;
    let count = values_a_channel(channels, cells, input.len());
    assert_eq!(statistics.len(), 2 * channels, "the statistics are [2, C]");
    assert!(count > 1, "statistics of a batch need more than one value a channel");
    let (means, variances) = statistics.split_at_mut(channels);
    for (channel, (mean, variance)) in means.iter_mut().zip(variances).enumerate() {
        let planes = || planes(channel, channels, cells, input);
        *mean = (planes().map(|plane| sum_of(plane, |x| x)).sum::<f64>() / count as f64) as f32;
        let squares = planes().map(|plane| sum_of(plane, |x| (x - *mean) * (x - *mean))).sum::<f64>();
        *variance = (squares / count as f64) as f32;
    }
}

/// running ← (1 − momentum) running + momentum · statistics, both `[2, C]`; the variance made unbiased, m / (m − 1),
/// where m = `count` = N · cells is the number of values that each is of.
///
/// # Panics
///
/// If the two have different lengths or `count` is below 2.
pub fn update_running(count: usize, momentum: f32, statistics: &[f32], running: &mut [f32]) {
    assert_eq!(statistics.len(), running.len(), "statistics and running ones are [2, C]");
    assert!(count > 1, "statistics of a batch need more than one value a channel");
    let unbiased = count as f32 / (count - 1) as f32;
    let channels = running.len() / 2;
    for (i, (running, new)) in running.iter_mut().zip(statistics).enumerate() {
        let new = if i < channels { *new } else { new * unbiased };
        *running = (1.0 - momentum) * *running + momentum * new;
    }
}

/// output ← γ (input − mean) / √(var + ε) + β: input, output `[N, C, cells]`, γ, β `[C]`, statistics `[2, C]`.
///
/// # Panics
///
/// If a slice has another length.
pub fn forward(
    cells: usize,
    epsilon: f32,
    gamma: &[f32],
    beta: &[f32],
    statistics: &[f32],
    input: &[f32],
    output: &mut [f32],
) {
    let channels = gamma.len();
    assert_samples(channels, cells, input.len());
    assert_eq!(output.len(), input.len(), "the output is as long as the input");
    assert_eq!([beta.len(), statistics.len()], [channels, 2 * channels], "β is [C], the statistics are [2, C]");
    let (means, variances) = statistics.split_at(channels);
    let planes = input.chunks_exact(cells).zip(output.chunks_exact_mut(cells));
    for (plane, (input, output)) in planes.enumerate() {
        let channel = plane % channels;
        let (mean, shift) = (means[channel], beta[channel]);
        let scale = (f64::from(gamma[channel]) * inverse_root(variances[channel], epsilon)) as f32;
        output.iter_mut().zip(input).for_each(|(y, x)| *y = (x - mean) * scale + shift);
    }
}

/// The gradients of [`forward`]. All of them accumulate.
///
/// - input, grad_output, grad_input `[N, C, cells]` (`None` where nobody asks);
/// - γ, grad_gamma, grad_beta `[C]`; the statistics that forward had.
///
/// > ∂L/∂β += Σ ∂L/∂y; ∂L/∂γ += Σ ∂L/∂y x̂
/// >
/// > ∂L/∂x += γ / √(var + ε) · ∂L/∂y (term 1), and for statistics of the batch
/// > − γ / √(var + ε) · (Σ ∂L/∂y / m (term 2, by way of the mean) + x̂ Σ ∂L/∂y x̂ / m (term 3, of the variance))
///
/// # Panics
///
/// If a slice has another length.
#[allow(clippy::too_many_arguments)] // a kernel's arguments are its operands
pub fn backward(
    cells: usize,
    epsilon: f32,
    input: &[f32],
    gamma: &[f32],
    statistics: Statistics,
    grad_output: &[f32],
    mut grad_input: Option<&mut [f32]>,
    grad_gamma: &mut [f32],
    grad_beta: &mut [f32],
) {
    let channels = gamma.len();
    let count = values_a_channel(channels, cells, input.len()) as f64;
    assert_eq!(grad_output.len(), input.len(), "the output is as long as the input");
    assert!(grad_input.as_ref().is_none_or(|grad| grad.len() == input.len()), "a gradient is as long as its value");
    assert_eq!(statistics.values().len(), 2 * channels, "the statistics are [2, C]");
    assert_eq!([grad_gamma.len(), grad_beta.len()], [channels; 2], "a gradient is as long as its value");
    let (means, variances) = statistics.values().split_at(channels);
    for channel in 0..channels {
        let (mean, inverse) = (means[channel], inverse_root(variances[channel], epsilon));
        let planes = |values| planes(channel, channels, cells, values);
        let sum: f64 = planes(grad_output).map(|grad| sum_of(grad, |grad| grad)).sum();
        let product = |(x, grad)| sum_pairs(x, grad, |x, grad| (x - mean) * grad);
        let sum_of_products = inverse * planes(input).zip(planes(grad_output)).map(product).sum::<f64>();
        grad_beta[channel] += sum as f32;
        grad_gamma[channel] += sum_of_products as f32;

        let Some(grad_input) = &mut grad_input else { continue };
        let term_1 = f64::from(gamma[channel]) * inverse;
        let (term_2, term_3) = match statistics {
            Statistics::Batch(_) => (term_1 * sum / count, term_1 * inverse * sum_of_products / count),
            Statistics::Running(_) => (0.0, 0.0),
        };
        let (term_1, term_2, term_3) = (term_1 as f32, term_2 as f32, term_3 as f32);
        let grads = grad_input.chunks_exact_mut(cells).skip(channel).step_by(channels);
        for ((grad_input, grad_output), input) in grads.zip(planes(grad_output)).zip(planes(input)) {
            for ((sum, grad), x) in grad_input.iter_mut().zip(grad_output).zip(input) {
                *sum += term_1 * grad - term_2 - term_3 * (x - mean);
            }
        }
    }
}

/// The `[cells]` of one channel, sample by sample.
fn planes(channel: usize, channels: usize, cells: usize, values: &[f32]) -> impl Iterator<Item = &[f32]> {
    values.chunks_exact(cells).skip(channel).step_by(channels)
}

/// m = N · cells.
fn values_a_channel(channels: usize, cells: usize, length: usize) -> usize {
    assert_samples(channels, cells, length);
    length / channels
}

#[cfg(test)]
mod tests;
