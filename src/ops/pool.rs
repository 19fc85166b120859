//! Pools: input `[N, C, D, H, W]`, output `[N, C, D', H', W']`, each channel by itself.
//!
//! | | output | gradient of the input |
//! |---|---|---|
//! | [`max_forward`] | the largest cell under the window | goes to that cell, the first of equals |
//! | [`average_forward`] | their mean | shared equally |
//! | [`global_max_forward`] | the largest of the channel, `[N, C]` | goes to that cell, the first of equals |
//! | [`global_average_forward`] | the mean of the channel, `[N, C]` | shared equally |
//!
//! Padding never wins a maximum. In an average it counts as zeros if `count_include_pad` says so; then the divisor
//! counts cells up to n + p₀ + p₁, not the overhang of a window in ceil mode (as PyTorch and ONNX have it). A NaN
//! under the window wins; the largest of nothing (a window all in padding) is −∞.
//!
//! Windows are clipped at the padding once for each output row and, along the row, once for each output, so that
//! the loop over their cells does not ask. The 2×2 window at stride 2, the commonest of all, has loops of its own.

mod average;
mod global;
mod max;
mod windows;

pub(super) use average::divisor;
pub use average::{average_backward, average_forward};
pub use global::{global_average_backward, global_average_forward, global_max_backward, global_max_forward};
pub use max::{max_backward, max_forward};
pub(super) use windows::{Span, lines as each_line};

use super::geometry::{Pool, input_cells, output_cells};

fn assert_lengths(g: &Pool, batch: usize, input: usize, output: usize) {
    assert_eq!(input, batch * g.input_len(), "the input is [N, C, D, H, W]");
    assert_eq!(output, batch * g.output_len(), "the output is [N, C, D', H', W']");
}

/// Cells of one channel, in and out.
fn plane_cells(g: &Pool) -> [usize; 2] {
    [input_cells(&g.axes), output_cells(&g.axes)]
}

#[cfg(test)]
mod tests;
