//! Average pools: the mean of the cells under the window; each gets its share of the gradient.

use super::windows::{self, Span};
use super::{assert_lengths, plane_cells};
use crate::ops::geometry::{Axis, Pool};

/// output ← the mean under each window: input `[N, C, D, H, W]`, output `[N, C, D', H', W']`.
///
/// # Panics
///
/// If a slice has another length.
pub fn average_forward(g: &Pool, batch: usize, input: &[f32], output: &mut [f32]) {
    assert_lengths(g, batch, input.len(), output.len());
    let [cells, positions] = plane_cells(g);
    let dilation = g.axes[2].dilation;
    for (input, output) in input.chunks_exact(cells).zip(output.chunks_exact_mut(positions)) {
        windows::each(g, |position, spans| {
            let mut sum = 0.0;
            windows::lines(g, spans, |start| {
                for k in 0..spans[2].count {
                    sum += input[start + k * dilation];
                }
            });
            output[position] = sum / divisor(g, position, spans);
        });
    }
}

/// grad_input += grad_output / divisor at every cell under the window.
///
/// # Panics
///
/// If a slice has another length.
pub fn average_backward(g: &Pool, batch: usize, grad_output: &[f32], grad_input: &mut [f32]) {
    assert_lengths(g, batch, grad_input.len(), grad_output.len());
    let [cells, positions] = plane_cells(g);
    let dilation = g.axes[2].dilation;
    for (grad_output, grad_input) in grad_output.chunks_exact(positions).zip(grad_input.chunks_exact_mut(cells)) {
        windows::each(g, |position, spans| {
            let share = grad_output[position] / divisor(g, position, spans);
            windows::lines(g, spans, |start| {
                for k in 0..spans[2].count {
                    grad_input[start + k * dilation] += share;
                }
            });
        });
    }
}

/// How many cells a mean is over: those on the input, or those up to n + p₀ + p₁. At least 1.
pub(in crate::ops) fn divisor(g: &Pool, position: usize, spans: [Span; 3]) -> f32 {
    if !g.count_include_pad {
        return spans.map(|span| span.count).iter().product::<usize>().max(1) as f32;
    }
    let [depth, height, width] = &g.axes;
    let (row, w) = (position / width.output, position % width.output);
    let (d, h) = (row / height.output, row % height.output);
    (padded_taps(depth, d) * padded_taps(height, h) * padded_taps(width, w)).max(1) as f32
}

/// Taps of a window that lie on the input or its padding: t with o s + t d < n + p₀ + p₁.
fn padded_taps(axis: &Axis, position: usize) -> usize {
    let end = axis.input + axis.padding[0] + axis.padding[1];
    end.saturating_sub(position * axis.stride).div_ceil(axis.dilation).min(axis.kernel)
}
