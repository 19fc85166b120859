//! What is multiplied: the cells under one tap and their weights, in floats or in pairs of bf16.
//!
//! | | a cell | weights of a cell and a block of outputs | products |
//! |---|---|---|---|
//! | [`Floats<16>`](Floats), planar [`Floats<1>`](Floats) | 16 channels, or 1 | `[16][16]`, `[1][16]` floats | `f32` |
//! | [`Widened`] | 16 channels | `[8][16]` pairs | `f32`, of weights that are widened when they are loaded |
//! | [`Dots`] | 8 pairs of channels | `[8][16]` pairs | bf16, two at a time, summed in `f32` |
//!
//! A pair is two neighbouring channels in the 32 bits of a float, the first in the lower half: that of AVX-512's
//! `vdpbf16ps`, which multiplies twice as many numbers in a cycle as there are floats in a vector.

use crate::simd::{LANES, Simd};

/// Operands of one kind.
pub(in super::super) trait Operands {
    /// Floats of a cell.
    const CELL: usize;
    /// Floats of its weights for a block of 16 outputs.
    const WEIGHT: usize;

    /// sums ← sums + the cells under one tap · their weights.
    ///
    /// # Safety
    ///
    /// P cells can be read from `values` on, and `WEIGHT` floats from `weight` on and from the N − 1 places `weight_block` floats
    /// further each.
    unsafe fn add<S: Simd, const P: usize, const N: usize>(
        simd: S,
        values: *const f32,
        weight: *const f32,
        weight_block: usize,
        sums: &mut [[S::Vector; N]; P],
    );
}

/// Floats, `B` of them a cell.
pub(in super::super) struct Floats<const B: usize>;

/// Floats, and weights in pairs.
pub(in super::super) struct Widened;

/// Pairs, and weights in pairs.
pub(in super::super) struct Dots;

/// Pairs of channels in a block.
const PAIRS: usize = LANES / 2;

impl<const B: usize> Operands for Floats<B> {
    const CELL: usize = B;
    const WEIGHT: usize = B * LANES;

    #[inline(always)]
    unsafe fn add<S: Simd, const P: usize, const N: usize>(
        simd: S,
        values: *const f32,
        weight: *const f32,
        weight_block: usize,
        sums: &mut [[S::Vector; N]; P],
    ) {
        for channel in 0..B {
            // SAFETY: the caller's promise: `channel` is less than B.
            let weights: [S::Vector; N] =
                core::array::from_fn(|n| simd.load(unsafe { &*weight.add(channel * LANES + n * weight_block).cast() }));
            for p in 0..P {
                // SAFETY: the caller's promise: this is a value of the p-th cell.
                let value = simd.splat(unsafe { *values.add(p * B + channel) });
                for n in 0..N {
                    sums[p][n] = simd.multiply_add(value, weights[n], sums[p][n]);
                }
            }
        }
    }
}

impl Operands for Widened {
    const CELL: usize = LANES;
    const WEIGHT: usize = PAIRS * LANES;

    #[inline(always)]
    unsafe fn add<S: Simd, const P: usize, const N: usize>(
        simd: S,
        values: *const f32,
        weight: *const f32,
        weight_block: usize,
        sums: &mut [[S::Vector; N]; P],
    ) {
        for channel in 0..LANES {
            // SAFETY: the caller's promise: there are half as many pairs as channels.
            let weights: [S::Vector; N] = core::array::from_fn(|n| {
                let pairs = unsafe { &*weight.add(channel / 2 * LANES + n * weight_block).cast() };
                if channel % 2 == 0 { simd.load_first_of_pairs(pairs) } else { simd.load_second_of_pairs(pairs) }
            });
            for p in 0..P {
                // SAFETY: the caller's promise: this is a value of the p-th cell.
                let value = simd.splat(unsafe { *values.add(p * LANES + channel) });
                for n in 0..N {
                    sums[p][n] = simd.multiply_add(value, weights[n], sums[p][n]);
                }
            }
        }
    }
}

impl Operands for Dots {
    const CELL: usize = PAIRS;
    const WEIGHT: usize = PAIRS * LANES;

    #[inline(always)]
    unsafe fn add<S: Simd, const P: usize, const N: usize>(
        simd: S,
        values: *const f32,
        weight: *const f32,
        weight_block: usize,
        sums: &mut [[S::Vector; N]; P],
    ) {
        for pair in 0..PAIRS {
            // SAFETY: the caller's promise: `pair` is less than PAIRS.
            let weights: [S::Vector; N] =
                core::array::from_fn(|n| simd.load(unsafe { &*weight.add(pair * LANES + n * weight_block).cast() }));
            for p in 0..P {
                // SAFETY: the caller's promise: this is a pair of the p-th cell.
                let value = simd.splat(unsafe { *values.add(p * PAIRS + pair) });
                for n in 0..N {
                    sums[p][n] = simd.add_dots(value, weights[n], sums[p][n]);
                }
            }
        }
    }
}
