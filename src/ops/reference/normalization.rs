//! Local response and batch normalisation as their definitions say.

use super::Real;
use crate::ops::LrnOp;
use crate::ops::batch_norm::Statistics;

/// y_c = x_c / (k + α/n Σ x_j²)^β over the channels j from c − ⌊n/2⌋ to c + ⌊(n − 1)/2⌋: input, output `[N, C, cells]`.
pub fn lrn_forward<T: Real>(op: &LrnOp, sizes: [usize; 2], input: &[T], output: &mut [T]) {
    for (at, y) in output.iter_mut().enumerate() {
        *y = input[at] / lrn_sum(op, sizes, input, at).powf(real(op.beta));
    }
}

/// By the quotient rule: ∂y_c/∂x_j = δ_cj s_c^(−β) − 2 β α/n x_j x_c s_c^(−β−1) where the sum of c has x_j.
pub fn lrn_backward<T: Real>(op: &LrnOp, sizes: [usize; 2], input: &[T], grad_output: &[T], grad_input: &mut [T]) {
    let (beta, two) = (real::<T>(op.beta), T::from_usize(2));
    for (at, grad) in grad_output.iter().enumerate() {
        let sum = lrn_sum(op, sizes, input, at);
        grad_input[at] += *grad * sum.powf(-beta);
        for other in lrn_window(op, sizes, at) {
            let factor = two * beta * real(op.alpha) / T::from_usize(op.size);
            grad_input[other] += -*grad * factor * input[other] * input[at] * sum.powf(-beta - T::ONE);
        }
    }
}

/// s = k + α/n Σ x² for the value at `at`.
fn lrn_sum<T: Real>(op: &LrnOp, sizes: [usize; 2], input: &[T], at: usize) -> T {
    let squares: T = lrn_window(op, sizes, at).map(|i| input[i] * input[i]).sum();
    real::<T>(op.k) + real::<T>(op.alpha) / T::from_usize(op.size) * squares
}

/// Where the values lie that the sum at `at` has.
fn lrn_window(op: &LrnOp, [channels, cells]: [usize; 2], at: usize) -> impl Iterator<Item = usize> {
    let (channel, size) = (at / cells % channels, op.size);
    let inside = move |other: &usize| *other + size / 2 >= channel && *other <= channel + (size - 1) / 2;
    (0..channels).filter(inside).map(move |other| at - channel * cells + other * cells)
}

/// statistics `[2, C]` ← mean = 1/m Σ x and variance = 1/m Σ (x − mean)² of each channel of input `[N, C, cells]`.
pub fn batch_statistics<T: Real>(cells: usize, input: &[T], statistics: &mut [T]) {
    let channels = statistics.len() / 2;
    let count = T::from_usize(input.len() / channels);
    statistics.fill(T::ZERO);
    for (at, x) in input.iter().enumerate() {
        statistics[at / cells % channels] += *x / count;
    }
    for (at, x) in input.iter().enumerate() {
        let channel = at / cells % channels;
        let difference = *x - statistics[channel];
        statistics[channels + channel] += difference * difference / count;
    }
}

/// y = γ x̂ + β, x̂ = (x − mean) / √(var + ε): input, output `[N, C, cells]`, γ, β `[C]`, statistics `[2, C]`.
pub fn batch_norm_forward<T: Real>(
    cells: usize,
    epsilon: f32,
    gamma: &[T],
    beta: &[T],
    statistics: &[T],
    input: &[T],
    output: &mut [T],
) {
    for (at, y) in output.iter_mut().enumerate() {
        let channel = at / cells % gamma.len();
        *y = gamma[channel] * (input[at] - statistics[channel]) / deviation(epsilon, statistics, channel)
            + beta[channel];
    }
}

/// With ∂L/∂x̂ = γ ∂L/∂y as Ioffe and Szegedy have it in section 3, through the variance and the mean if they are of
/// the batch:
///
/// - ∂L/∂var = Σ ∂L/∂x̂ (x − mean) · −½ (var + ε)^(−3/2)
/// - ∂L/∂mean = Σ ∂L/∂x̂ · −1 / √(var + ε), the other part Σ (x − mean) being 0
/// - ∂L/∂x += ∂L/∂x̂ / √(var + ε) + ∂L/∂var · 2 (x − mean) / m + ∂L/∂mean / m
/// - ∂L/∂γ += Σ ∂L/∂y x̂, ∂L/∂β += Σ ∂L/∂y
#[allow(clippy::too_many_arguments)]
pub fn batch_norm_backward<T: Real>(
    cells: usize,
    epsilon: f32,
    input: &[T],
    gamma: &[T],
    statistics: Statistics<T>,
    grad_output: &[T],
    mut grad_input: Option<&mut [T]>,
    grad_gamma: &mut [T],
    grad_beta: &mut [T],
) {
    let (channels, two) = (gamma.len(), T::from_usize(2));
    let count = T::from_usize(input.len() / channels);
    for channel in 0..channels {
        let (mean, deviation) = (statistics.values()[channel], deviation(epsilon, statistics.values(), channel));
        let own = || (0..input.len()).filter(|at| at / cells % channels == channel);
        let (mut grad_mean, mut grad_variance) = (T::ZERO, T::ZERO);
        for at in own() {
            let (difference, grad) = (input[at] - mean, gamma[channel] * grad_output[at]);
            grad_gamma[channel] += grad_output[at] * difference / deviation;
            grad_beta[channel] += grad_output[at];
            if let Statistics::Batch(_) = statistics {
                grad_variance += -grad * difference / (two * deviation * deviation * deviation);
                grad_mean += -grad / deviation;
            }
        }
        for at in own() {
            let Some(grad_input) = &mut grad_input else { continue };
            grad_input[at] += gamma[channel] * grad_output[at] / deviation;
            grad_input[at] += (grad_variance * two * (input[at] - mean) + grad_mean) / count;
        }
    }
}

/// √(var + ε) of a channel.
fn deviation<T: Real>(epsilon: f32, statistics: &[T], channel: usize) -> T {
    (statistics[statistics.len() / 2 + channel] + real(epsilon)).sqrt()
}

fn real<T: Real>(x: f32) -> T {
    T::from_f64(f64::from(x))
}
