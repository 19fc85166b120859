//! Local response normalisation of blocked values, the formula of [`lrn`](crate::ops::lrn): the squares of a few positions'
//! channels in a row, so that the window of a vector of channels is n vectors, each one float further.
#![allow(unsafe_code)]

use core::ops::Range;

use crate::arena::Shared;
use crate::ops::LrnOp;
use crate::simd::{Isa, Kernel, LANES, Simd};
use crate::threads;
use convnet_shape::plan::MAX_LRN;

/// The squares of a position, and zeros around them.
const CHANNELS: usize = MAX_LRN[1] + 2 * LANES;

/// output ← local response normalisation of input, both `[N, C, cells]` blocked.
pub fn forward(op: &LrnOp, [channels, cells]: [usize; 2], input: &[f32], output: &mut [f32], isa: Isa) {
    assert!(op.size <= MAX_LRN[0] && channels <= MAX_LRN[1], "windows of {} over {channels} channels", op.size);
    assert_eq!(input.len(), output.len(), "the output is as long as the input");
    assert!(input.len().is_multiple_of(channels * cells), "the values are [N, C, cells]");
    let samples = input.len() / (channels * cells);
    // A square root and a quotient are worth some dozens of multiply-accumulates.
    let workers = threads::worth(20 * input.len(), cells);
    let shared = Shared::new(output);
    threads::share_out(0..cells, workers, &mut [], 0, &|range, _| {
        for sample in 0..samples {
            let cells = Cells { op, sizes: [channels, cells], first: sample * channels * cells, range: range.clone() };
            isa.run_everywhere(Positions { cells, input, output: &shared });
        }
    });
}

/// Positions of one sample.
struct Cells<'a> {
    op: &'a LrnOp,
    sizes: [usize; 2],
    first: usize,
    range: Range<usize>,
}

struct Positions<'a> {
    cells: Cells<'a>,
    input: &'a [f32],
    output: &'a Shared<'a>,
}

impl Kernel for Positions<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Cells { op, sizes: [channels, cells], first, range } = self.cells;
        let (k, scale) = (simd.splat(op.k), simd.splat(op.alpha / op.size as f32));
        let mut squares = [0.0; CHANNELS];
        for cell in range {
            let place = |block: usize| first + (block * cells + cell) * LANES;
            let value = |block: usize| simd.load(self.input[place(block)..].first_chunk().expect("a whole block"));
            for block in 0..channels / LANES {
                let x = value(block);
                let to = squares[(block + 1) * LANES..].first_chunk_mut().expect("room for all channels");
                simd.store(simd.multiply(x, x), to);
            }
            for block in 0..channels / LANES {
                let window = &squares[(block + 1) * LANES - op.size / 2..];
                let mut sum = simd.splat(0.0);
                for other in 0..op.size {
                    sum = simd.add(sum, simd.load(window[other..].first_chunk().expect("room around them")));
                }
                let sum = simd.multiply_add(scale, sum, k);
                let y = over_power(simd, op.beta, value(block), sum);
                // SAFETY: every position is given to one share.
                let to = unsafe { self.output.slice(place(block)..place(block) + LANES) };
                simd.store(y, to.first_chunk_mut().expect("it is a block"));
            }
        }
    }
}

/// x s^(−β).
#[inline(always)]
fn over_power<S: Simd>(simd: S, beta: f32, x: S::Vector, s: S::Vector) -> S::Vector {
    if beta == 0.75 {
        let root = simd.sqrt(s);
        simd.divide(x, simd.multiply(root, simd.sqrt(root)))
    } else if beta == 0.5 {
        simd.divide(x, simd.sqrt(s))
    } else {
        let mut lanes = [0.0; LANES];
        simd.store(s, &mut lanes);
        lanes.iter_mut().for_each(|s| *s = libm::powf(*s, -beta));
        simd.multiply(x, simd.load(&lanes))
    }
}
