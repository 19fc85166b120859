//! Patches as columns, and back.
//!
//! A convolution is one matrix product once every output position has its patch of the input in a column:
//! columns `[taps, positions]`, taps = `[C_in / groups, K_d, K_h, K_w]`, positions = `[D', H', W']`, and
//!
//! > output `[C_out, positions]` = weight `[C_out, taps]` · columns `[taps, positions]`.
//!
//! [`im2col`] writes any range of positions, a strip, so that the whole matrix need never exist: for VGG's second
//! layer it would be 116 MB. It copies runs of the input, one for each tap and row of the output; where a run meets the
//! padding is computed once a tap, so no inner loop divides or asks.
//!
//! [`col2im`] is its transpose: it adds each column back to where it came from. The two are each other's adjoint,
//! ⟨im2col x, y⟩ = ⟨x, col2im y⟩, and col2im ∘ im2col multiplies every cell by the number of patches it is in.

use core::ops::Range;

use super::geometry::{Axis, Conv, output_cells};

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
    im2col_of(g, group, input, 0..g.taps(), positions, columns);
}

/// [`im2col`] for some of the taps: columns `[taps.len(), positions.len()]`.
///
/// # Panics
///
/// If a slice has another length, or `positions` are beyond the output.
pub fn im2col_of(
    g: &Conv,
    group: usize,
    input: &[f32],
    taps: Range<usize>,
    positions: Range<usize>,
    columns: &mut [f32],
) {
    assert_lengths(g, input.len(), &taps, &positions, columns.len());
    if g.axes.iter().any(|axis| axis.padding != [0, 0]) {
        columns.fill(0.0); // where no run will be
    }
    let stride = g.axes[2].stride;
    each_run(g, group, taps, &positions, |Run { column, cell, length }| {
        let to = &mut columns[column..][..length];
        match stride {
            1 => copy(to, &input[cell..][..length]),
            _ => to.iter_mut().zip(input[cell..].iter().step_by(stride)).for_each(|(to, from)| *to = *from),
        }
    });
}

/// Adds columns back: columns `[taps, positions.len()]` → input `[C_in, D, H, W]`, which accumulates.
///
/// # Panics
///
/// If a slice has another length, or `positions` are beyond the output.
pub fn col2im(g: &Conv, group: usize, columns: &[f32], positions: Range<usize>, input: &mut [f32]) {
    col2im_of(g, group, columns, 0..g.taps(), positions, input);
}

/// [`col2im`] for some of the taps: columns `[taps.len(), positions.len()]`.
///
/// # Panics
///
/// If a slice has another length, or `positions` are beyond the output.
pub fn col2im_of(
    g: &Conv,
    group: usize,
    columns: &[f32],
    taps: Range<usize>,
    positions: Range<usize>,
    input: &mut [f32],
) {
    assert_lengths(g, input.len(), &taps, &positions, columns.len());
    let stride = g.axes[2].stride;
    each_run(g, group, taps, &positions, |Run { column, cell, length }| {
        let from = &columns[column..][..length];
        match stride {
            1 => add(&mut input[cell..][..length], from),
            _ => input[cell..].iter_mut().step_by(stride).zip(from).for_each(|(to, from)| *to += *from),
        }
    });
}

fn assert_lengths(g: &Conv, input: usize, taps: &Range<usize>, positions: &Range<usize>, columns: usize) {
    let total = output_cells(&g.axes);
    assert_eq!(input, g.input_len(), "the input is one sample, [C_in, D, H, W]");
    assert!(positions.end <= total, "positions {positions:?} are beyond the {total} of the output");
    assert!(taps.end <= g.taps(), "taps {taps:?} are beyond the {} of a patch", g.taps());
    assert_eq!(columns, taps.len() * positions.len(), "the columns are [taps, positions]");
}

/// One tap along one row of the output, as far as it lies on the input.
struct Run {
    /// Its first place in the columns; the others follow.
    column: usize,
    /// The input cell that belongs there; the others follow at the stride.
    cell: usize,
    length: usize,
}

/// Calls `f` with every run of every tap at `positions`, tap by tap in the order of the kernel.
#[inline(always)]
fn each_run(g: &Conv, group: usize, taps: Range<usize>, positions: &Range<usize>, mut f: impl FnMut(Run)) {
    let [depth, height, width] = &g.axes;
    let rows = positions.start / width.output..positions.end.div_ceil(width.output);
    let first = (rows.start / height.output, rows.start % height.output);
    let channels = g.in_channels / g.groups;
    for (line, tap) in taps.enumerate() {
        let (channel, [kd, kh, kw]) = split(tap, [depth.kernel, height.kernel, width.kernel]);
        let plane = (group * channels + channel) * depth.input;
        let reach = reach(width, kw);
        let (mut d, mut h) = first;
        for row in rows.clone() {
            let from = positions.start.max(row * width.output + reach.start);
            let to = positions.end.min(row * width.output + reach.end);
            if let (true, Some(id), Some(ih)) = (from < to, depth.source(d, kd), height.source(h, kh)) {
                let cells = ((plane + id) * height.input + ih) * width.input;
                let cell = cells + (from - row * width.output) * width.stride + kw * width.dilation - width.padding[0];
                f(Run { column: line * positions.len() + from - positions.start, cell, length: to - from });
            }
            h += 1;
            if h == height.output {
                (d, h) = (d + 1, 0);
            }
        }
    }
}

/// A tap's channel and its place in the kernel.
fn split(tap: usize, [depth, height, width]: [usize; 3]) -> (usize, [usize; 3]) {
    let (rest, kw) = (tap / width, tap % width);
    let (rest, kh) = (rest / height, rest % height);
    (rest / depth, [rest % depth, kh, kw])
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

/// Adds by fours: no loop of LLVM's for long runs, with its checks and its rest, pays for 5 to 50 floats.
#[inline(always)]
fn add(to: &mut [f32], from: &[f32]) {
    let ((to, to_rest), (from, from_rest)) = (to.as_chunks_mut::<4>(), from.as_chunks::<4>());
    for (to, from) in to.iter_mut().zip(from) {
        for lane in 0..4 {
            to[lane] += from[lane];
        }
    }
    to_rest.iter_mut().zip(from_rest).for_each(|(to, from)| *to += from);
}

#[cfg(test)]
mod tests;
