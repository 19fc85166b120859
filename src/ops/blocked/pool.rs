//! Max and average pools of blocked values: a vector of sixteen channels under each tap.
//!
//! Along a row of the output the positions whose windows are all on the input are many and alike; those at its ends are
//! few, and their windows are clipped one by one. Average pools share nothing but that.
#![allow(unsafe_code)]

use core::ops::Range;

use crate::arena::Shared;
use crate::ops::geometry::{Axis, Pool, input_cells, kernel_cells, output_cells};
use crate::ops::pool::{Span, divisor};
use crate::simd::{Isa, Kernel, LANES, Simd};
use crate::threads;

/// output ← the largest value under each window, or the mean: blocked to blocked, `[N, C, D, H, W]` → `[N, C, D', H', W']`.
pub fn forward<const MAX: bool>(g: &Pool, batch: usize, input: &[f32], output: &mut [f32], isa: Isa) {
    assert_eq!(input.len(), batch * g.input_len(), "the input is [N, C, D, H, W]");
    assert_eq!(output.len(), batch * g.output_len(), "the output is [N, C, D', H', W']");
    let blocks = batch * g.channels / LANES;
    // A comparison is less than a multiply-accumulate, and its operand comes from memory.
    let workers = threads::worth(batch * g.output_len() * kernel_cells(&g.axes), blocks);
    let shared = Shared::new(output);
    threads::share_out(0..blocks, workers, &mut [], 0, &|blocks, _| {
        isa.run_everywhere(Blocks::<MAX> { g, input, output: &shared, blocks });
    });
}

/// Some of the blocks `[N][C / 16]`.
struct Blocks<'a, const MAX: bool> {
    g: &'a Pool,
    input: &'a [f32],
    output: &'a Shared<'a>,
    blocks: Range<usize>,
}

impl<const MAX: bool> Kernel for Blocks<'_, MAX> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (cells, positions) = (input_cells(&self.g.axes) * LANES, output_cells(&self.g.axes) * LANES);
        for block in self.blocks {
            let input = self.input[block * cells..][..cells].as_chunks().0;
            // SAFETY: every block is given to one share, and its output is no other block's.
            let output = unsafe { self.output.slice(block * positions..(block + 1) * positions) };
            plane::<S, MAX>(simd, self.g, input, output.as_chunks_mut().0);
        }
    }
}

/// One block of channels.
#[inline(always)]
fn plane<S: Simd, const MAX: bool>(simd: S, g: &Pool, input: &[[f32; LANES]], output: &mut [[f32; LANES]]) {
    let [depth, height, width] = &g.axes;
    let inner = inner(width);
    for (row, output) in output.chunks_exact_mut(width.output).enumerate() {
        let (d, h) = (Span::new(depth, row / height.output), Span::new(height, row % height.output));
        let row = row * width.output;
        for x in (0..inner.start).chain(inner.end..width.output) {
            window::<S, MAX>(simd, g, input, [d, h, Span::new(width, x)], row + x, &mut output[x]);
        }
        let mut x = inner.start;
        // Without registers for columns there is nothing to share, and a program without vectors is a small one.
        let is_plain = S::REGISTERS >= 4 && width.dilation == 1 && d.count == 1 && (MAX || g.count_include_pad);
        while is_plain && x + SIDE_BY_SIDE <= inner.end {
            let columns =
                Columns { g, input, spans: [d, h], first: x * width.stride - width.padding[0], position: row + x };
            let output = output[x..].first_chunk_mut().expect("so many positions");
            match (width.kernel, width.stride) {
                (2, 2) => columns.windows::<S, MAX, 2, 2, 8>(simd, output),
                (3, 1) => columns.windows::<S, MAX, 3, 1, 6>(simd, output),
                (3, 2) => columns.windows::<S, MAX, 3, 2, 9>(simd, output),
                _ => break,
            }
            x += SIDE_BY_SIDE;
        }
        for x in x..inner.end {
            let w = Span { first: x * width.stride - width.padding[0], count: width.kernel };
            window::<S, MAX>(simd, g, input, [d, h, w], row + x, &mut output[x]);
        }
    }
}

/// The positions whose windows have all their taps on the input.
fn inner(width: &Axis) -> Range<usize> {
    let reach = (width.kernel - 1) * width.dilation;
    let start = width.padding[0].div_ceil(width.stride).min(width.output);
    let end = (width.input + width.padding[0]).saturating_sub(reach).div_ceil(width.stride);
    start..end.clamp(start, width.output)
}

/// Neighbouring positions whose windows share columns.
const SIDE_BY_SIDE: usize = 4;

/// The cells under [`SIDE_BY_SIDE`] windows from column `first` on.
struct Columns<'a> {
    g: &'a Pool,
    input: &'a [[f32; LANES]],
    spans: [Span; 2],
    first: usize,
    position: usize,
}

impl Columns<'_> {
    /// Windows of `K` columns at stride `STRIDE`: first down each of the `COLUMNS` columns, then across.
    #[inline(always)]
    fn windows<S: Simd, const MAX: bool, const K: usize, const STRIDE: usize, const COLUMNS: usize>(
        &self,
        simd: S,
        output: &mut [[f32; LANES]; SIDE_BY_SIDE],
    ) {
        let [_, height, width] = &self.g.axes;
        let [d, h] = self.spans;
        let mut columns = [simd.splat(if MAX { f32::NEG_INFINITY } else { 0.0 }); COLUMNS];
        for kh in 0..h.count {
            let row = (d.first * height.input + h.first + kh * height.dilation) * width.input + self.first;
            let cells: &[[f32; LANES]; COLUMNS] = self.input[row..].first_chunk().expect("the windows are inside");
            for column in 0..COLUMNS {
                let cell = simd.load(&cells[column]);
                columns[column] =
                    if MAX { simd.larger(columns[column], cell) } else { simd.add(columns[column], cell) };
            }
        }
        for x in 0..SIDE_BY_SIDE {
            let mut result = columns[x * STRIDE];
            for k in 1..K {
                let column = columns[x * STRIDE + k];
                result = if MAX { simd.larger(result, column) } else { simd.add(result, column) };
            }
            if !MAX {
                let w = Span { first: self.first + x * STRIDE, count: K };
                result = simd.divide(result, simd.splat(divisor(self.g, self.position + x, [d, h, w])));
            }
            simd.store(result, &mut output[x]);
        }
    }
}

/// One window.
#[inline(always)]
fn window<S: Simd, const MAX: bool>(
    simd: S,
    g: &Pool,
    input: &[[f32; LANES]],
    [d, h, w]: [Span; 3],
    position: usize,
    output: &mut [f32; LANES],
) {
    let [depth, height, width] = &g.axes;
    let mut result = simd.splat(if MAX { f32::NEG_INFINITY } else { 0.0 });
    for kd in 0..d.count {
        let plane = (d.first + kd * depth.dilation) * height.input;
        for kh in 0..h.count {
            let first = (plane + h.first + kh * height.dilation) * width.input + w.first;
            if w.count > 0 {
                let cells = &input[first..][..(w.count - 1) * width.dilation + 1];
                for cell in cells.iter().step_by(width.dilation) {
                    let cell = simd.load(cell);
                    result = if MAX { simd.larger(result, cell) } else { simd.add(result, cell) };
                }
            }
        }
    }
    if !MAX {
        result = simd.divide(result, simd.splat(divisor(g, position, [d, h, w])));
    }
    simd.store(result, output);
}
