//! What a convolution reads: its input where it lies, or, if it is padded, strips of it copied with their padding.

use crate::ops::geometry::{Axis, Conv, input_cells};
use convnet_shape::plan::integer::SLACK;

/// A strip is no longer, unless one row of the output needs more: 4 KiB, an eighth of a first-level cache of 32 KiB; of what a
/// microcontroller has it is little beside the values themselves.
const BUDGET: usize = 4 * 1024;

/// Rows of the output that are computed from one copy.
#[derive(Clone, Copy, Debug)]
pub struct Strips {
    /// How many rows.
    pub rows: usize,
}

/// Cells of an axis that so many positions read.
pub const fn reach(axis: &Axis, positions: usize) -> usize {
    (positions - 1) * axis.stride + axis.dilation * (axis.kernel - 1) + 1
}

/// Whether no window reaches beyond the input.
pub const fn is_direct(g: &Conv) -> bool {
    let mut axis = 0;
    while axis < 3 {
        let [before, after] = g.axes[axis].padding;
        if before > 0 || after > 0 {
            return false;
        }
        axis += 1;
    }
    true
}

impl Strips {
    /// As long as the budget allows.
    pub const fn new(g: &Conv) -> Self {
        let mut strips = Self { rows: g.axes[1].output };
        while strips.rows > 1 && strips.bytes(g) > BUDGET {
            strips.rows -= 1;
        }
        strips
    }

    /// Bytes of a row of cells, of a plane, and of all.
    const fn strides(&self, g: &Conv) -> [usize; 3] {
        let row = reach(&g.axes[2], g.axes[2].output) * g.in_channels;
        let plane = reach(&g.axes[1], self.rows) * row;
        [row, plane, plane * g.axes[0].kernel]
    }

    /// Bytes of a strip, with what kernels read behind it.
    pub const fn bytes(&self, g: &Conv) -> usize {
        self.strides(g)[2] + SLACK
    }
}

/// Bytes that a convolution needs for itself: a strip, or nothing.
pub const fn scratch_bytes(g: &Conv) -> usize {
    if !g.can_run() || is_direct(g) { 0 } else { Strips::new(g).bytes(g) }
}

/// Bytes from one depth, row and column under a window to the next: in the input itself, or in a strip.
pub fn tap_strides(g: &Conv, strips: &Strips) -> [usize; 3] {
    let [_, height, width] = &g.axes;
    if is_direct(g) {
        let row = width.input * g.in_channels;
        return [g.axes[0].dilation * height.input * row, height.dilation * row, width.dilation * g.in_channels];
    }
    let [row, plane, _] = strips.strides(g);
    [plane, height.dilation * row, width.dilation * g.in_channels]
}

/// Bytes from one row of positions to the next.
pub fn row_stride(g: &Conv, strips: &Strips) -> usize {
    let row = if is_direct(g) { g.axes[2].input * g.in_channels } else { strips.strides(g)[0] };
    g.axes[1].stride * row
}

/// The first byte under the window of the first position of a row, if the input is read where it lies.
pub fn first_byte(g: &Conv, depth: usize, row: usize) -> usize {
    let [depths, heights, width] = &g.axes;
    (depth * depths.stride * heights.input + row * heights.stride) * width.input * g.in_channels
}

/// Copies what rows `[first, first + rows)` of the output at this depth read; the padding is the zero point.
pub fn copy(g: &Conv, strips: &Strips, [depth, first, rows]: [usize; 3], zero: u8, input: &[u8], strip: &mut [u8]) {
    let [depths, height, width] = &g.axes;
    let [row_bytes, plane_bytes, _] = strips.strides(g);
    let input_row = width.input * g.in_channels;
    debug_assert!(input.len() >= g.in_channels * input_cells(&g.axes));
    let left = (width.padding[0] * g.in_channels).min(row_bytes);
    let inner = input_row.min(row_bytes - left);
    for tap in 0..depths.kernel {
        let plane = depths.source(depth, tap);
        let to = &mut strip[tap * plane_bytes..][..reach(height, rows) * row_bytes];
        for (row, to) in to.chunks_exact_mut(row_bytes).enumerate() {
            let cell = (first * height.stride + row).checked_sub(height.padding[0]);
            match (plane, cell) {
                (Some(plane), Some(cell)) if cell < height.input => {
                    to[..left].fill(zero);
                    to[left..left + inner]
                        .copy_from_slice(&input[(plane * height.input + cell) * input_row..][..inner]);
                    to[left + inner..].fill(zero);
                }
                _ => to.fill(zero),
            }
        }
    }
}
