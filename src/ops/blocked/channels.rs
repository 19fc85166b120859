//! What treats every channel of a blocked value by itself and every position alike: batch normalisation, slopes, global
//! pools.

use crate::simd::{Isa, Kernel, LANES, Simd};

/// values ← scale · values + shift: values `[N, C, cells]` blocked, scale and shift `[C]`.
pub fn scale_and_shift(cells: usize, scale: &[f32], shift: &[f32], values: &mut [f32], isa: Isa) {
    assert!(values.len().is_multiple_of(scale.len() * cells), "the values are [N, C, cells]");
    assert_eq!(scale.len(), shift.len(), "scale and shift are [C]");
    isa.run_everywhere(Affine { cells, scale, shift, values });
}

struct Affine<'a> {
    cells: usize,
    scale: &'a [f32],
    shift: &'a [f32],
    values: &'a mut [f32],
}

impl Kernel for Affine<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let constants = self.scale.as_chunks::<LANES>().0.iter().zip(self.shift.as_chunks::<LANES>().0);
        let blocks = self.values.chunks_exact_mut(self.cells * LANES);
        for (values, (scale, shift)) in blocks.zip(constants.cycle()) {
            let (scale, shift) = (simd.load(scale), simd.load(shift));
            for value in values.as_chunks_mut().0 {
                simd.store(simd.multiply_add(simd.load(value), scale, shift), value);
            }
        }
    }
}

/// values ← x where x > 0, else slope · x: values `[N, C, cells]` blocked, one slope or `[C]`.
pub fn prelu(channels: usize, cells: usize, slopes: &[f32], values: &mut [f32]) {
    assert!(values.len().is_multiple_of(channels * cells), "the values are [N, C, cells]");
    assert!(slopes.len() == 1 || slopes.len() == channels, "the slopes are [C] or one");
    for (block, values) in values.chunks_exact_mut(cells * LANES).enumerate() {
        let first = block * LANES % channels;
        let slopes: [f32; LANES] =
            core::array::from_fn(|lane| if slopes.len() == 1 { slopes[0] } else { slopes[first + lane] });
        for value in values.as_chunks_mut::<LANES>().0 {
            for (x, slope) in value.iter_mut().zip(slopes) {
                *x = if *x > 0.0 { *x } else { slope * *x };
            }
        }
    }
}

/// output ← the mean of each channel: input `[N, C, cells]` blocked, output `[N, C]`.
pub fn global_average(cells: usize, input: &[f32], output: &mut [f32], isa: Isa) {
    assert_eq!(input.len(), output.len() * cells, "the input is [N, C, cells]");
    isa.run_everywhere(Reduce::<false> { cells, input, output });
}

/// output ← the largest value of each channel: input `[N, C, cells]` blocked, output `[N, C]`.
pub fn global_max(cells: usize, input: &[f32], output: &mut [f32], isa: Isa) {
    assert_eq!(input.len(), output.len() * cells, "the input is [N, C, cells]");
    isa.run_everywhere(Reduce::<true> { cells, input, output });
}

struct Reduce<'a, const MAX: bool> {
    cells: usize,
    input: &'a [f32],
    output: &'a mut [f32],
}

impl<const MAX: bool> Kernel for Reduce<'_, MAX> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let blocks = self.input.chunks_exact(self.cells * LANES);
        for (input, output) in blocks.zip(self.output.as_chunks_mut().0) {
            let (fours, rest) = input.as_chunks().0.as_chunks::<4>();
            // Four chains: one would wait for each of its operations, and lose more to rounding.
            let mut chains = [simd.splat(if MAX { f32::NEG_INFINITY } else { 0.0 }); 4];
            for four in fours {
                for chain in 0..4 {
                    let value = simd.load(&four[chain]);
                    chains[chain] =
                        if MAX { simd.larger(chains[chain], value) } else { simd.add(chains[chain], value) };
                }
            }
            for (chain, value) in rest.iter().enumerate() {
                let value = simd.load(value);
                chains[chain] = if MAX { simd.larger(chains[chain], value) } else { simd.add(chains[chain], value) };
            }
            let mut result = chains[0];
            for chain in 1..4 {
                result = if MAX { simd.larger(result, chains[chain]) } else { simd.add(result, chains[chain]) };
            }
            if !MAX {
                result = simd.divide(result, simd.splat(self.cells as f32));
            }
            simd.store(result, output);
        }
    }
}
