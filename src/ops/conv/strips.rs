//! How much of a convolution is done at a time: blocks of taps and positions forward, strips of positions with all of
//! their taps backward, as large as fits a scratch.

use core::ops::Range;

use crate::ops::geometry::{Axis, Conv, output_cells};
use crate::simd::LANES;

/// Column matrices up to this size are small: 64 Ki floats · 4 bytes = 256 KiB, a share of a second-level cache.
const SMALL: usize = 64 * 1024;

/// A strip of a small column matrix in the forward pass: 2 Ki floats · 4 bytes = 8 KiB, which leaves
/// microcontrollers room and desktop processors a first-level cache for the rest. For LeNet-5's second convolution
/// (150 taps, 100 positions) that is 13 positions, 7 800 bytes.
const SMALL_STRIP: usize = 2 * 1024;

/// A strip of a large column matrix, and any strip in the backward pass: 128 Ki floats · 4 bytes = 512 KiB.
const LARGE_STRIP: usize = 128 * 1024;

/// No strip is larger, unless a single position is: 256 Ki floats · 4 bytes = 1 MiB.
const LIMIT: usize = 256 * 1024;

/// Positions that a strip of a large, or of a small, column matrix has at least, budget or not: fewer would leave
/// tiles of the product half empty and read the whole weight for little work. 12 is what LeNet-5 still holds in 8 KiB.
const FEW: usize = 16;
const FEW_SMALL: usize = 12;

/// Whether the window is one cell that goes everywhere once: the input is the column matrix.
pub(in crate::ops) const fn is_pointwise(g: &Conv) -> bool {
    is_unit(&g.axes[0]) && is_unit(&g.axes[1]) && is_unit(&g.axes[2])
}

const fn is_unit(axis: &Axis) -> bool {
    axis.kernel == 1 && axis.stride == 1 && axis.input == axis.output && axis.padding[0] == 0
}

/// Whether every channel has kernels of its own.
pub(in crate::ops) const fn is_depthwise(g: &Conv) -> bool {
    g.groups > 1 && g.groups == g.in_channels
}

/// Scratch that [`forward`](super::forward) needs, in floats: 0 for pointwise and depthwise convolutions, else as much as
/// one strip of columns `[taps, positions]`, which it divides into blocks as it likes.
///
/// A strip takes at most 8 KiB if the whole column matrix is at most 256 KiB, at most 512 KiB if not; but it has at
/// least 12, or 16, positions as long as they stay within 1 MiB, and never less than one.
pub const fn scratch_floats(g: &Conv) -> usize {
    let whole = g.taps().saturating_mul(output_cells(&g.axes));
    if is_pointwise(g) || is_depthwise(g) {
        0
    } else if whole <= SMALL {
        strip_floats(g, SMALL_STRIP, FEW_SMALL)
    } else {
        strip_floats(g, LARGE_STRIP, FEW)
    }
}

/// A strip of columns with all of their taps, in floats: 0 for pointwise and depthwise convolutions, else at most 512 KiB, but
/// at least 16 positions as long as they stay within 1 MiB.
pub(in crate::ops) const fn columns_floats(g: &Conv) -> usize {
    if is_pointwise(g) || is_depthwise(g) { 0 } else { strip_floats(g, LARGE_STRIP, FEW) }
}

/// `[taps, positions]` with as many positions as `budget` floats hold, but at least `least` of them within [`LIMIT`].
const fn strip_floats(g: &Conv, budget: usize, least: usize) -> usize {
    let (taps, all) = (max(g.taps(), 1), output_cells(&g.axes));
    let positions = max(budget / taps, min(least, LIMIT / taps));
    taps.saturating_mul(min(max(positions, 1), all))
}

/// Taps that im2col writes at a time: what the matrix product takes in at a time as well.
const TAPS: usize = 128;

/// Positions that a block should have at least: three vectors of 16, the widest tile of the product.
const WIDE: usize = 48;

/// How a forward pass goes over the column matrix: in blocks of taps and positions that fit into the scratch.
///
/// A block of columns and the block of the output that it is added to stay in the second-level cache, and the wider they
/// are, the less often is the weight read. With few taps at a time even a small scratch is wide.
pub(super) struct Blocks {
    taps: [usize; 2],
    positions: [usize; 2],
}

impl Blocks {
    /// For a scratch of so many floats, at least [`scratch_floats`].
    pub(super) fn new(g: &Conv, scratch: usize) -> Self {
        let (taps, positions) = (max(g.taps(), 1), output_cells(&g.axes));
        let mut few = min(taps, TAPS);
        let cached = LIMIT / (few + g.out_channels / g.groups);
        if is_pointwise(g) {
            let wide = max(cached / WIDE, 1) * WIDE;
            return Self { taps: [taps, taps], positions: [positions, evenly(positions, wide)] };
        }
        if few * min(positions, WIDE) > scratch {
            few = evenly(taps, max(scratch / min(positions, WIDE), 1));
        }
        let fits = max(min(scratch / few, max(cached, WIDE)), 1);
        let wide = if fits >= positions { positions } else { evenly(positions, fits) };
        Self { taps: [taps, few], positions: [positions, wide] }
    }

    pub(super) fn taps(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        blocks(self.taps)
    }

    pub(super) fn positions(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        blocks(self.positions)
    }
}

fn blocks([all, length]: [usize; 2]) -> impl Iterator<Item = Range<usize>> {
    (0..all).step_by(max(length, 1)).map(move |start| start..min(start + length, all))
}

/// The length of blocks that share `all` evenly, none longer than `longest`: of whole vectors if one fits.
fn evenly(all: usize, longest: usize) -> usize {
    let unit = if longest >= LANES { LANES } else { 1 };
    let units = all.div_ceil(unit);
    unit * units.div_ceil(units.div_ceil(longest / unit))
}

/// The output positions, cut into strips whose columns fit into `scratch` floats: of whole vectors of 16 positions,
/// spread evenly, if at least one fits.
pub(in crate::ops) fn strips(g: &Conv, scratch: usize) -> impl Iterator<Item = Range<usize>> + use<> {
    let positions = output_cells(&g.axes);
    let longest = if is_pointwise(g) { positions } else { max(scratch / max(g.taps(), 1), 1) };
    let unit = if longest >= LANES { LANES } else { 1 };
    let units = positions.div_ceil(unit);
    let count = if longest >= positions { min(positions, 1) } else { units.div_ceil(longest / unit) };
    let start = move |strip: usize| min(strip * units / max(count, 1) * unit, positions);
    (0..count).map(move |strip| start(strip)..start(strip + 1))
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
