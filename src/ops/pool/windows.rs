//! The cells under a window, clipped at the padding.

use core::ops::Range;

use crate::ops::geometry::{Axis, Pool};

/// The taps of a window at `position` that lie on the input, ⌈(p₀ − o s) / d⌉ ≤ t < ⌈(n + p₀ − o s) / d⌉.
pub(super) fn taps(axis: &Axis, position: usize) -> Range<usize> {
    let offset = position * axis.stride;
    let start = axis.padding[0].saturating_sub(offset).div_ceil(axis.dilation);
    let end = (axis.input + axis.padding[0]).saturating_sub(offset).div_ceil(axis.dilation).min(axis.kernel);
    start.min(end)..end
}

/// The same as input cells: the first of them and how many there are, [`Axis::dilation`] apart.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Span {
    pub first: usize,
    pub count: usize,
}

impl Span {
    pub(in crate::ops) fn new(axis: &Axis, position: usize) -> Self {
        let taps = taps(axis, position);
        let first =
            if taps.is_empty() { 0 } else { position * axis.stride + taps.start * axis.dilation - axis.padding[0] };
        Self { first, count: taps.len() }
    }
}

/// Calls `f` with every output position of a plane, in order, and the spans of its window along the three axes.
pub(super) fn each(g: &Pool, mut f: impl FnMut(usize, [Span; 3])) {
    let [depth, height, width] = &g.axes;
    let mut position = 0;
    for d in 0..depth.output {
        let spans_d = Span::new(depth, d);
        for h in 0..height.output {
            let spans_h = Span::new(height, h);
            for w in 0..width.output {
                f(position, [spans_d, spans_h, Span::new(width, w)]);
                position += 1;
            }
        }
    }
}

/// Calls `f` with every line of the window: the index of its first cell; the others follow at the width's dilation.
#[inline(always)]
pub(in crate::ops) fn lines(g: &Pool, [d, h, w]: [Span; 3], mut f: impl FnMut(usize)) {
    let [depth, height, width] = &g.axes;
    for kd in 0..d.count {
        let plane = (d.first + kd * depth.dilation) * height.input;
        for kh in 0..h.count {
            f((plane + h.first + kh * height.dilation) * width.input + w.first);
        }
    }
}

/// Whether the window is 2×2 at stride 2 over an image whose every window is whole.
pub(super) fn is_two_by_two(g: &Pool) -> bool {
    let [depth, height, width] = &g.axes;
    let two = |axis: &Axis| {
        axis.kernel == 2
            && axis.stride == 2
            && axis.dilation == 1
            && axis.padding[0] == 0
            && axis.output * 2 <= axis.input
    };
    let unit = depth.kernel == 1 && depth.stride == 1 && depth.padding == [0, 0];
    unit && two(height) && two(width)
}
