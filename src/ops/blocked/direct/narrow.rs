//! Weights in bf16: two input channels of one output are a *pair*, the 32 bits of a float.
//!
//! [`Algorithm::Direct`] widens them as they are loaded and multiplies floats. [`Algorithm::Dots`] multiplies bf16 by bf16
//! where the CPU has instructions for that, AVX512-BF16: twice as many products in a cycle. For these the input is rounded to
//! pairs too, a sample at a time: one pass over it, for what is then read C_out · K_h · K_w / 16 times. With pairs for
//! channels, of which there are half as many, it is then a convolution like any other. CPUs without them widen the weights,
//! and their inputs stay as they are: results differ from CPU to CPU by what rounding the inputs does, 2⁻⁹ of each.

use core::ops::Range;

use super::{Convolution, strip_floats};
use crate::arena::Shared;
use crate::ops::geometry::Conv;
use crate::simd::{Isa, Kernel, LANES, Simd};
use crate::threads;
use convnet_shape::plan::Algorithm;

/// The convolution of pairs.
const fn of_pairs(g: &Conv) -> Conv {
    Conv { in_channels: g.in_channels / 2, ..*g }
}

/// A strip, and where the CPU multiplies pairs an input of them.
pub(super) const fn scratch_floats(g: &Conv) -> usize {
    let (widened, dots) = (strip_floats(g), strip_floats(&of_pairs(g)).saturating_add(g.input_len() / 2));
    if dots > widened { dots } else { widened }
}

/// [`super::forward_narrow`] but for what it checks.
pub(super) fn run(conv: &Convolution, output: &mut [f32], scratch: &mut [f32], isa: Isa) {
    if conv.form.algorithm != Algorithm::Dots || !isa.has_dots() {
        return conv.run::<LANES, true>(&Shared::new(output), scratch, |share| isa.run_everywhere(share));
    }
    let g = of_pairs(conv.g);
    let samples = conv.input.chunks_exact(conv.g.input_len()).zip(output.chunks_exact_mut(g.output_len()));
    for (input, output) in samples {
        let (pairs, scratch) = scratch.split_at_mut(g.input_len());
        round(input, pairs, isa);
        let conv = Convolution::new(&g, conv.form, 1, pairs, conv.packed, conv.activation);
        conv.run::<LANES, true>(&Shared::new(output), scratch, |share| isa.run_with_dots(share));
    }
}

/// pairs ← input.
fn round(input: &[f32], pairs: &mut [f32], isa: Isa) {
    let (blocks, shared) = (input.len() / LANES, Shared::new(pairs));
    let workers = threads::worth(input.len(), blocks);
    threads::share_out(0..blocks, workers, &mut [], 0, &|blocks, _| {
        isa.run_with_dots(Round { input, pairs: &shared, blocks });
    });
}

/// Some vectors of the input.
struct Round<'a> {
    input: &'a [f32],
    pairs: &'a Shared<'a>,
    blocks: Range<usize>,
}

impl Kernel for Round<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        const HALF: usize = LANES / 2;
        let Range { start, end } = self.blocks;
        let input = self.input[start * LANES..end * LANES].as_chunks().0;
        // SAFETY: every vector is given to one share, and so are its pairs.
        let pairs = unsafe { self.pairs.slice(start * HALF..end * HALF) };
        for (from, to) in input.iter().zip(pairs.as_chunks_mut::<HALF>().0) {
            simd.store_pairs(simd.load(from), to);
        }
    }
}
