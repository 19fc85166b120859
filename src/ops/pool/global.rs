//! Global pools: one value of each channel, whatever its size.

use super::max::{larger, wins};
use crate::ops::sums::sum;

/// output `[N, C]` ← the mean of each channel of input `[N, C, cells]`.
///
/// # Panics
///
/// If a slice has another length.
pub fn global_average_forward(cells: usize, input: &[f32], output: &mut [f32]) {
    assert_eq!(input.len(), output.len() * cells, "the input is [N, C, cells], the output [N, C]");
    for (channel, output) in input.chunks_exact(cells).zip(output) {
        *output = sum(channel) / cells as f32;
    }
}

/// grad_input `[N, C, cells]` += grad_output `[N, C]` / cells.
///
/// # Panics
///
/// If a slice has another length.
pub fn global_average_backward(cells: usize, grad_output: &[f32], grad_input: &mut [f32]) {
    assert_eq!(grad_input.len(), grad_output.len() * cells, "the input is [N, C, cells], the output [N, C]");
    for (channel, grad) in grad_input.chunks_exact_mut(cells).zip(grad_output) {
        let share = grad / cells as f32;
        channel.iter_mut().for_each(|cell| *cell += share);
    }
}

/// output `[N, C]` ← the largest of each channel of input `[N, C, cells]`; a NaN wins.
///
/// # Panics
///
/// If a slice has another length, or the channels are empty.
pub fn global_max_forward(cells: usize, input: &[f32], output: &mut [f32]) {
    assert_eq!(input.len(), output.len() * cells, "the input is [N, C, cells], the output [N, C]");
    assert!(cells > 0, "there is no largest of nothing");
    for (channel, output) in input.chunks_exact(cells).zip(output) {
        *output = largest(channel);
    }
}

/// grad_input `[N, C, cells]` += grad_output `[N, C]`, each at the first cell that is the largest of its channel; input
/// as it was, from which that cell is found again.
///
/// # Panics
///
/// If a slice has another length, or the channels are empty.
pub fn global_max_backward(cells: usize, input: &[f32], grad_output: &[f32], grad_input: &mut [f32]) {
    assert_eq!(input.len(), grad_output.len() * cells, "the input is [N, C, cells], the output [N, C]");
    assert_eq!(grad_input.len(), input.len(), "a gradient is as long as its value");
    assert!(cells > 0, "there is no largest of nothing");
    let channels = input.chunks_exact(cells).zip(grad_input.chunks_exact_mut(cells));
    for ((channel, grads), grad) in channels.zip(grad_output) {
        let mut at = 0;
        for (next, x) in channel.iter().enumerate() {
            at = if wins(*x, channel[at]) { next } else { at };
        }
        grads[at] += grad;
    }
}

/// The largest value in eight lanes, which vectorise.
fn largest(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<8>();
    let mut lanes = [f32::NEG_INFINITY; 8];
    for chunk in whole {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, *value);
        }
    }
    lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |max, x| larger(max, *x))
}
