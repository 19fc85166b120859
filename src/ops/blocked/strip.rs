//! The cells that some rows of an output read, with the padding around them: a copy, where the input cannot be read as it
//! lies.
//!
//! It can where there is no padding and the width has stride 1. Elsewhere a strip
//! `[C / B][K_d][rows][phases][columns][B]` is copied, of as many output rows as a budget of floats allows. With a stride s along
//! the width columns lie by their remainder modulo s, the *phase*: output x reads tap t from column x + ⌊t d / s⌋ of phase
//! t d mod s, so neighbouring outputs read neighbours, whatever the stride. The copy costs one load and one store for what
//! is then used K_h · K_w · C_out / s² times.

use super::tiles::Patch;
use crate::ops::geometry::{Axis, Conv, input_cells};
use crate::simd::LANES;

/// How a convolution's strips are laid out: from the geometry alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strips {
    /// Output rows of a strip.
    pub rows: usize,
    /// Phases, and columns in each.
    phases: usize,
    columns: usize,
}

/// Whether the input is read where it lies.
pub(super) const fn is_direct(g: &Conv) -> bool {
    g.axes[0].padding[0] == 0
        && g.axes[1].padding[0] == 0
        && g.axes[2].padding[0] == 0
        && fits(&g.axes[0])
        && fits(&g.axes[1])
        && fits(&g.axes[2])
        && g.axes[2].stride == 1
}

/// Whether no window reaches into padding at the end.
const fn fits(axis: &Axis) -> bool {
    (axis.output - 1) * axis.stride + (axis.kernel - 1) * axis.dilation < axis.input
}

/// Where the taps lie in an input that is read where it lies, and how far apart rows of the output read: for `block`
/// channels in a block.
pub(super) const fn lying(g: &Conv, block: usize) -> (Patch, usize) {
    let [depth, height, width] = &g.axes;
    let row = width.input * block;
    let patch = Patch {
        blocks: [g.in_channels / g.groups / block, input_cells(&g.axes) * block],
        depth: [depth.kernel, depth.dilation * height.input * row],
        height: [height.kernel, height.dilation * row],
        width: width.kernel,
        phases: [1, 0],
        step: [width.dilation, 0],
    };
    (patch, height.stride * row)
}

/// The cell of such an input that the first tap of the first position of an output row reads.
pub(super) const fn first_cell(g: &Conv, depth: usize, row: usize) -> usize {
    let [depths, heights, width] = &g.axes;
    (depth * depths.stride * heights.input + row * heights.stride) * width.input
}

impl Strips {
    /// Strips of at most `budget` floats, unless one row of the output needs more.
    pub(super) const fn new(g: &Conv, budget: usize) -> Self {
        let width = &g.axes[2];
        // A dilation that the stride divides stays in one phase.
        let phases = if width.kernel == 1 || width.dilation.is_multiple_of(width.stride) { 1 } else { width.stride };
        let columns = width.output + (width.kernel - 1) * width.dilation / width.stride;
        let height = &g.axes[1];
        let of_row = (g.in_channels / g.groups).saturating_mul(g.axes[0].kernel).saturating_mul(phases * columns);
        // (rows − 1) s + (k − 1) d + 1 rows of the input fit.
        let fits = (budget / of_row).saturating_sub((height.kernel - 1) * height.dilation + 1) / height.stride + 1;
        // All of nearly one height.
        let rows = height.output.div_ceil(height.output.div_ceil(fits));
        Self { rows, phases, columns }
    }

    /// Floats of a strip of one group.
    pub(super) const fn floats(&self, g: &Conv) -> usize {
        let channels = g.in_channels / g.groups;
        channels.saturating_mul(g.axes[0].kernel).saturating_mul(self.height(g, self.rows)).saturating_mul(self.row())
    }

    /// Input rows under so many output rows.
    const fn height(&self, g: &Conv, rows: usize) -> usize {
        (rows - 1) * g.axes[1].stride + (g.axes[1].kernel - 1) * g.axes[1].dilation + 1
    }

    /// Floats of a row of one channel.
    const fn row(&self) -> usize {
        self.phases * self.columns
    }

    /// Where the taps lie in a strip of so many output rows, and how far apart rows of the output read: for `block` channels
    /// in a block.
    pub(super) fn patch(&self, g: &Conv, rows: usize, block: usize) -> (Patch, usize) {
        let [depth, height, width] = &g.axes;
        let (row, plane) = (self.row() * block, self.height(g, rows) * self.row() * block);
        let (whole, part) = (width.dilation / width.stride, width.dilation % width.stride);
        let patch = Patch {
            blocks: [g.in_channels / g.groups / block, depth.kernel * plane],
            depth: [depth.kernel, plane],
            height: [height.kernel, height.dilation * row],
            width: width.kernel,
            phases: [self.phases, self.columns * block],
            step: if width.kernel == 1 { [0, 0] } else { [whole, part] },
        };
        (patch, height.stride * row)
    }

    /// Copies what output rows `first..first + rows` at output depth `depth` read: input `[C / B][D][H][W][B]` of one group of
    /// one sample.
    #[inline(always)] // into kernels, whose vectors it copies with
    pub(super) fn copy<const B: usize>(
        &self,
        g: &Conv,
        input: &[f32],
        [depth, first, rows]: [usize; 3],
        strip: &mut [f32],
    ) {
        let [depths, heights, width] = &g.axes;
        let (columns, height) = (self.columns, self.height(g, rows));
        let row = width.input * B;
        let mut lines = strip.chunks_exact_mut(self.row() * B);
        for block in 0..g.in_channels / g.groups / B {
            for tap in 0..depths.kernel {
                let plane = depths.source(depth, tap).map(|d| (block * depths.input + d) * heights.input * row);
                for (h, strip) in lines.by_ref().take(height).enumerate() {
                    if heights.stride > 1 && !is_read(heights, h) {
                        continue;
                    }
                    let h = (first * heights.stride + h).checked_sub(heights.padding[0]).filter(|h| *h < heights.input);
                    let (Some(plane), Some(h)) = (plane, h) else {
                        strip.fill(0.0);
                        continue;
                    };
                    let input = &input[plane + h * row..][..row];
                    if width.stride == 1 {
                        copy_phase::<B>(width, 1, 0, input, strip);
                        continue;
                    }
                    for (phase, strip) in strip.chunks_exact_mut(columns * B).enumerate() {
                        copy_phase::<B>(width, width.stride, phase, input, strip);
                    }
                }
            }
        }
    }
}

/// Whether any output row of a strip reads its row `h`.
fn is_read(heights: &Axis, h: usize) -> bool {
    (0..heights.kernel)
        .any(|tap| h.checked_sub(tap * heights.dilation).is_some_and(|h| h.is_multiple_of(heights.stride)))
}

/// Floats from which on a call of memcpy costs less than it saves: 1 KiB.
const LONG: usize = 256;

/// By sixteens, the last sixteen overlapping.
#[inline(always)]
fn copy_short(to: &mut [f32], from: &[f32]) {
    let length = to.len();
    let (Some(to_last), Some(from_last)) = (length.checked_sub(LANES), from.last_chunk::<LANES>()) else {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        return;
    };
    for (to, from) in to.as_chunks_mut::<LANES>().0.iter_mut().zip(from.as_chunks::<LANES>().0) {
        to.copy_from_slice(from);
    }
    to[to_last..].copy_from_slice(from_last);
}

/// cells ← 0, most often of one column: no call for that.
#[inline(always)]
fn clear<const B: usize>(cells: &mut [f32]) {
    if let Some((first, rest)) = cells.split_first_chunk_mut::<B>() {
        *first = [0.0; B];
        if !rest.is_empty() {
            rest.fill(0.0);
        }
    }
}

/// Every `stride`-th cell of a row, the width's stride, from cell `phase` − padding on.
#[inline(always)]
fn copy_phase<const B: usize>(width: &Axis, stride: usize, phase: usize, input: &[f32], strip: &mut [f32]) {
    // The first column on the input, and the first beyond it.
    let columns = strip.len() / B;
    let start = width.padding[0].saturating_sub(phase).div_ceil(stride).min(columns);
    let end = (width.input + width.padding[0]).saturating_sub(phase).div_ceil(stride).clamp(start, columns);
    clear::<B>(&mut strip[..start * B]);
    clear::<B>(&mut strip[end * B..]);
    if start == end {
        return;
    }
    let cells = &input[(start * stride + phase - width.padding[0]) * B..];
    let strip = &mut strip[start * B..end * B];
    if stride == 1 && strip.len() > LONG {
        strip.copy_from_slice(&cells[..strip.len()]);
    } else if stride == 1 {
        copy_short(strip, &cells[..strip.len()]);
    } else {
        for (to, from) in strip.as_chunks_mut::<B>().0.iter_mut().zip(cells.as_chunks::<B>().0.iter().step_by(stride)) {
            to.copy_from_slice(from);
        }
    }
}
