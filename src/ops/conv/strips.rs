//! How much of a convolution is done at a time: strips of output positions whose columns fit a scratch.

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

/// Scratch that [`forward`](super::forward) needs, in floats: 0 for pointwise and depthwise convolutions, else one
/// strip of columns `[taps, positions]`.
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

/// Scratch that [`backward`](super::backward) needs, in floats: 0 for pointwise and depthwise convolutions, else one
/// strip of columns of at most 512 KiB, but at least 16 positions as long as they stay within 1 MiB.
pub const fn backward_scratch_floats(g: &Conv) -> usize {
    if is_pointwise(g) || is_depthwise(g) { 0 } else { strip_floats(g, LARGE_STRIP, FEW) }
}

/// `[taps, positions]` with as many positions as `budget` floats hold, but at least `least` of them within [`LIMIT`].
const fn strip_floats(g: &Conv, budget: usize, least: usize) -> usize {
    let (taps, all) = (max(g.taps(), 1), output_cells(&g.axes));
    let positions = max(budget / taps, min(least, LIMIT / taps));
    taps.saturating_mul(min(max(positions, 1), all))
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
