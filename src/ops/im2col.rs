//! Patches as columns, and back.
//!
//! A convolution is one matrix product once every output position has its patch of the input in a column:
//! columns `[taps, positions]`, taps = `[C_in / groups, K_d, K_h, K_w]`, positions = `[D', H', W']`, and
//!
//! > output `[C_out, positions]` = weight `[C_out, taps]` · columns `[taps, positions]`.
//!
//! [`im2col`] writes any range of positions, a strip, so that the whole matrix need never exist: for VGG's second
//! layer it would be 116 MB. Row by row of the columns it copies runs of the input; where a run meets the padding is
//! computed once a row of output ([`reach`]), so the inner loop neither divides nor asks.
//!
//! [`col2im`] is its transpose: it adds each column back to where it came from. The two are each other's adjoint,
//! ⟨im2col x, y⟩ = ⟨x, col2im y⟩, and col2im ∘ im2col multiplies every cell by the number of patches it is in.

use core::ops::Range;

use super::geometry::{Axis, Conv, input_cells, output_cells};

/// Positions of the window whose tap `tap` lies on the input, not in the padding:
/// ⌈(p₀ − t d) / s⌉ ≤ o < ⌈(n + p₀ − t d) / s⌉.
pub(super) const fn reach(axis: &Axis, tap: usize) -> Range<usize> {
    let offset = tap * axis.dilation;
    let start = axis.padding[0].saturating_sub(offset).div_ceil(axis.stride);
    let end = (axis.input + axis.padding[0]).saturating_sub(offset).div_ceil(axis.stride);
    let end = if end < axis.output { end } else { axis.output };
    if start < end { start..end } else { 0..0 }
}

/// Writes the patches at `positions` of one group: input `[C_in, D, H, W]` → columns `[taps, positions.len()]`.
///
/// # Panics
///
/// If a slice has another length, or `positions` are beyond the output.
pub fn im2col(g: &Conv, group: usize, input: &[f32], positions: Range<usize>, columns: &mut [f32]) {
    assert_lengths(g, input.len(), &positions, columns.len());
    let width = positions.len();
    if width == 0 {
        return;
    }
    let mut rows = columns.chunks_exact_mut(width);
    each_tap(g, group, |plane, [kd, kh, kw]| {
        let row = rows.next().expect("as many rows as taps");
        let w = reach(&g.axes[2], kw);
        each_run(g, &positions, |cells, output, [d, h, start]| {
            let run = &mut row[cells];
            let (Some(d), Some(h)) = (g.axes[0].source(d, kd), g.axes[1].source(h, kh)) else {
                return run.fill(0.0);
            };
            let line = (plane + d * g.axes[1].input + h) * g.axes[2].input;
            gather(run, &input[line..][..g.axes[2].input], &g.axes[2], kw, start..output, &w);
        });
    });
}

/// Adds columns back: columns `[taps, positions.len()]` → input `[C_in, D, H, W]`, which accumulates.
///
/// # Panics
///
/// If a slice has another length, or `positions` are beyond the output.
pub fn col2im(g: &Conv, group: usize, columns: &[f32], positions: Range<usize>, input: &mut [f32]) {
    assert_lengths(g, input.len(), &positions, columns.len());
    let width = positions.len();
    if width == 0 {
        return;
    }
    let mut rows = columns.chunks_exact(width);
    each_tap(g, group, |plane, [kd, kh, kw]| {
        let row = rows.next().expect("as many rows as taps");
        let w = reach(&g.axes[2], kw);
        each_run(g, &positions, |cells, output, [d, h, start]| {
            let (Some(d), Some(h)) = (g.axes[0].source(d, kd), g.axes[1].source(h, kh)) else {
                return;
            };
            let line = (plane + d * g.axes[1].input + h) * g.axes[2].input;
            scatter(&row[cells], &mut input[line..][..g.axes[2].input], &g.axes[2], kw, start..output, &w);
        });
    });
}

fn assert_lengths(g: &Conv, input: usize, positions: &Range<usize>, columns: usize) {
    let total = output_cells(&g.axes);
    assert_eq!(input, g.input_len(), "the input is one sample, [C_in, D, H, W]");
    assert!(positions.end <= total, "positions {positions:?} are beyond the {total} of the output");
    assert_eq!(columns, g.taps() * positions.len(), "the columns are [taps, positions]");
}

/// Calls `f` for every tap of the group's kernel in order, with the index of the first line of its channel.
fn each_tap(g: &Conv, group: usize, mut f: impl FnMut(usize, [usize; 3])) {
    let [depth, height, width] = &g.axes;
    let channels = g.in_channels / g.groups;
    for channel in group * channels..(group + 1) * channels {
        // Lines are counted in rows of W cells: [C_in, D, H].
        let plane = channel * input_cells(&g.axes) / width.input;
        for kd in 0..depth.kernel {
            for kh in 0..height.kernel {
                for kw in 0..width.kernel {
                    f(plane, [kd, kh, kw]);
                }
            }
        }
    }
}

/// Cuts `positions` at the ends of output rows. For each run calls `f` with its place in the strip, the end of the
/// run in its row, and `[d', h', w']` of its first position.
fn each_run(g: &Conv, positions: &Range<usize>, mut f: impl FnMut(Range<usize>, usize, [usize; 3])) {
    let [_, height, width] = &g.axes;
    let (mut row, mut w) = (positions.start / width.output, positions.start % width.output);
    let (mut d, mut h) = (row / height.output, row % height.output);
    let mut done = 0;
    while done < positions.len() {
        let run = (width.output - w).min(positions.len() - done);
        f(done..done + run, w + run, [d, h, w]);
        (done, row, w, h) = (done + run, row + 1, 0, h + 1);
        if h == height.output {
            (d, h) = (d + 1, 0);
        }
    }
}

/// run[o − start] = line[o s + t d − p₀] for the positions `o` of `outputs`, 0 where that is padding.
fn gather(run: &mut [f32], line: &[f32], axis: &Axis, tap: usize, outputs: Range<usize>, inside: &Range<usize>) {
    let (from, to) = clip(&outputs, inside);
    run[..from - outputs.start].fill(0.0);
    run[to - outputs.start..].fill(0.0);
    if from < to {
        let first = from * axis.stride + tap * axis.dilation - axis.padding[0];
        let run = &mut run[from - outputs.start..to - outputs.start];
        match axis.stride {
            1 => copy(run, &line[first..][..run.len()]),
            stride => run.iter_mut().zip(line[first..].iter().step_by(stride)).for_each(|(to, from)| *to = *from),
        }
    }
}

/// line[o s + t d − p₀] += run[o − start] for the positions `o` of `outputs` that are not padding.
fn scatter(run: &[f32], line: &mut [f32], axis: &Axis, tap: usize, outputs: Range<usize>, inside: &Range<usize>) {
    let (from, to) = clip(&outputs, inside);
    if from < to {
        let first = from * axis.stride + tap * axis.dilation - axis.padding[0];
        let run = &run[from - outputs.start..to - outputs.start];
        match axis.stride {
            1 => line[first..].iter_mut().zip(run).for_each(|(to, from)| *to += from),
            stride => line[first..].iter_mut().step_by(stride).zip(run).for_each(|(to, from)| *to += from),
        }
    }
}

/// `inside` within `outputs`; where nothing is left, an empty range at the start.
fn clip(outputs: &Range<usize>, inside: &Range<usize>) -> (usize, usize) {
    let (from, to) = (outputs.start.max(inside.start), outputs.end.min(inside.end));
    if from < to { (from, to) } else { (outputs.start, outputs.start) }
}

/// Copies by eights, the last eight overlapping: runs are 5 to 50 floats long, and a call of memcpy for each costs
/// more than the copy.
#[inline(always)]
fn copy(to: &mut [f32], from: &[f32]) {
    const STEP: usize = 8;
    let length = to.len();
    if length < STEP {
        return to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
    for (to, from) in to.as_chunks_mut::<STEP>().0.iter_mut().zip(from.as_chunks::<STEP>().0) {
        *to = *from;
    }
    to[length - STEP..].copy_from_slice(&from[length - STEP..length]);
}

#[cfg(test)]
mod tests;
