//! The cells that some rows of an output read, with the padding around them: a copy, where the input cannot be read as it
//! lies.
//!
//! It can where there is no padding and the width has stride 1. Elsewhere a strip
//! `[C / B][K_d][rows][phases][columns][B]` is copied, of as many output rows as a budget of floats allows. With a stride s along
//! the width columns lie by their remainder modulo s, the *phase*: output x reads tap t from column x + ⌊t d / s⌋ of phase
//! t d mod s, so neighbouring outputs read neighbours, whatever the stride. The copy costs one load and one store for what
//! is then used K_h · K_w · C_out / s² times.

use super::tiles::Patch;
use crate::ops::geometry::{Axis, Conv};
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

impl Strips {
    /// Strips of at most `budget` floats, unless one row of the output needs more.
    pub(super) const fn new(g: &Conv, budget: usize) -> Self {
        let width = &g.axes[2];
        // A dilation that the stride divides stays in one phase.
        let phases = if width.kernel == 1 || width.dilation.is_multiple_of(width.stride) { 1 } else { width.stride };
        let columns = width.output + (width.kernel - 1) * width.dilation / width.stride;
        let mut strips = Self { rows: 1, phases, columns };
        while strips.rows < g.axes[1].output && strips.with(strips.rows + 1).floats(g) <= budget {
            strips.rows += 1;
        }
        // All of nearly one height.
        strips.rows = g.axes[1].output.div_ceil(g.axes[1].output.div_ceil(strips.rows));
        strips
    }

    const fn with(self, rows: usize) -> Self {
        Self { rows, ..self }
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
        let lines = strip.chunks_exact_mut(self.row() * B);
        for (line, strip) in lines.take(g.in_channels / g.groups / B * depths.kernel * height).enumerate() {
            let (line, h) = (line / height, line % height);
            let (block, tap) = (line / depths.kernel, line % depths.kernel);
            let used = (0..heights.kernel).any(|t| {
                let offset = t * heights.dilation;
                h >= offset && (h - offset).is_multiple_of(heights.stride)
            });
            if !used {
                continue; // never read
            }
            let h = (first * heights.stride + h).checked_sub(heights.padding[0]).filter(|h| *h < heights.input);
            let (Some(d), Some(h)) = (depths.source(depth, tap), h) else {
                strip.fill(0.0);
                continue;
            };
            let row = ((block * depths.input + d) * heights.input + h) * width.input * B;
            let input = &input[row..][..width.input * B];
            for (phase, strip) in strip.chunks_exact_mut(columns * B).enumerate() {
                copy_phase::<B>(width, phase, input, strip);
            }
        }
    }
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
        *to = *from;
    }
    to[to_last..].copy_from_slice(from_last);
}

/// Every `stride`-th cell of a row, from cell `phase` − padding on.
#[inline(always)]
fn copy_phase<const B: usize>(width: &Axis, phase: usize, input: &[f32], strip: &mut [f32]) {
    let stride = width.stride;
    // The first column on the input, and the first beyond it.
    let columns = strip.len() / B;
    let start = width.padding[0].saturating_sub(phase).div_ceil(stride).min(columns);
    let end = (width.input + width.padding[0]).saturating_sub(phase).div_ceil(stride).clamp(start, columns);
    let zero = |cells: &mut [f32]| cells.iter_mut().for_each(|cell| *cell = 0.0);
    zero(&mut strip[..start * B]);
    zero(&mut strip[end * B..]);
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
            *to = *from;
        }
    }
}
