//! Positions that are summed at a time: whole samples, or rows of one, or a piece of a row.

use core::ops::Range;

use crate::ops::geometry::{Axis, Conv};

/// Positions of a strip at most. Its gradients, three vectors wide, take 1024 · 48 · 4 bytes = 192 KiB, a share of a
/// second-level cache; what a tile costs to store is little beside 1024 multiply-adds for each of its values.
pub(super) const POSITIONS: usize = 1024;

/// Some positions: the same rows and columns of some samples; several samples only if they are all rows, several rows only if
/// they are all columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strip {
    pub samples: Range<usize>,
    pub rows: Range<usize>,
    pub columns: Range<usize>,
}

impl Strip {
    pub(super) fn sizes(&self) -> [usize; 3] {
        [self.samples.len(), self.rows.len(), self.columns.len()]
    }
}

/// Samples, rows and columns of the largest strip, however many samples there are.
pub(super) const fn largest(g: &Conv) -> [usize; 3] {
    let [_, height, width] = &g.axes;
    let plane = height.output * width.output;
    if width.output == 0 || height.output == 0 {
        [1, 1, 1]
    } else if plane <= POSITIONS {
        [POSITIONS / plane, height.output, width.output]
    } else if width.output <= POSITIONS {
        [1, evenly(height.output, POSITIONS / width.output), width.output]
    } else {
        [1, 1, evenly(width.output, POSITIONS)]
    }
}

/// The length of parts that share `all` evenly, none longer than `longest`.
const fn evenly(all: usize, longest: usize) -> usize {
    all.div_ceil(all.div_ceil(longest))
}

/// The positions of some samples, in strips.
pub(super) fn strips(g: &Conv, samples: Range<usize>) -> impl Iterator<Item = Strip> + use<> {
    let [_, height, width] = g.axes;
    let [s, r, c] = largest(g);
    steps(samples, s).flat_map(move |samples| {
        steps(0..height.output, r).flat_map(move |rows| {
            let samples = samples.clone();
            steps(0..width.output, c).map(move |columns| Strip {
                samples: samples.clone(),
                rows: rows.clone(),
                columns,
            })
        })
    })
}

fn steps(all: Range<usize>, length: usize) -> impl Iterator<Item = Range<usize>> {
    let end = all.end;
    all.step_by(length).map(move |start| start..end.min(start + length))
}

/// Cells of the padded input, along one axis, under so many neighbouring positions.
pub(super) const fn extent(axis: &Axis, positions: usize) -> usize {
    (positions - 1) * axis.stride + axis.kernel.saturating_sub(1) * axis.dilation + 1
}
