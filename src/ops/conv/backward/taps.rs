//! The microkernel of ∂L/∂weight: gradients `[positions][16]` under the patches of the input, which are not copied.
//!
//! > `∂L/∂W[o, t] = Σₓ ∂L/∂O[o, x] · I[x s + offset(t)]`
//!
//! is a product over positions x. Output channels lie in the lanes of vectors, which [`turn`](super::turn) has put there;
//! the taps of a tile are addresses in the input, all of which move on by the stride from one position to the next: the
//! matrix of the patches is read where it would have been copied from.
//!
//! | vectors are | registers | taps × vectors | used: sums + vectors of gradients + a value of the input |
//! |---|---|---|---|
//! | one register of 512 bits | 32 | 8 × 3 | 24 + 3 + 1 = 28 |
//! | two of 256 bits | 16 | 6 × 1 | 12 + 2 + 1 = 15 |
//! | four of 128 bits | 32 | 6 × 1 | 24 + 4 + 1 = 29 |
//! | four of 128 bits | 16 | 3 × 1 | 12 + 1 + 3 = 16, a register of gradients at a time |
#![allow(unsafe_code)]
#![allow(clippy::needless_range_loop)] // loops of constant length keep sums in registers, whatever they index

use core::ops::Range;

use crate::ops::conv::regions::Patches;
use crate::ops::geometry::Axis;
use crate::simd::{Kernel, LANES, Simd};

/// ∂L/∂W `[C_out, taps]` += ∂L/∂O `[C_out, strip]` · patches `[taps, strip]`ᵀ for up to [`MOST_VECTORS`](super::super::lanes::MOST_VECTORS) vectors of output
/// channels and some taps.
pub(super) struct Taps<'a> {
    /// Height and width.
    pub axes: [&'a Axis; 2],
    /// Samples, rows and columns of the strip.
    pub sizes: [usize; 3],
    pub patches: Patches<'a>,
    /// The taps; tap 0 belongs to channel 0 of the patches.
    pub taps: Range<usize>,
    /// ∂L/∂O, `[vectors][strip][16]`; lanes beyond the last output channel may be anything.
    pub grads: &'a [[f32; LANES]],
    /// The rows of the output channels, each of which begins with tap 0.
    pub grad_weight: &'a mut [f32],
    /// Values from one row to the next.
    pub stride: usize,
}

impl Kernel for Taps<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let positions = self.sizes.iter().product::<usize>();
        if positions == 0 || self.taps.is_empty() {
            return;
        }
        match (S::REGISTERS, self.grads.len() / positions) {
            (32.., 3) => self.tiles::<S, 8, 3>(simd),
            (32.., 2) => self.tiles::<S, 8, 2>(simd),
            (32.., 1) => self.tiles::<S, 8, 1>(simd),
            (8..32, 1) => self.tiles::<S, 6, 1>(simd),
            (0..8, 1) => self.tiles::<S, 3, 1>(simd),
            _ => unreachable!("no tile has more vectors"),
        }
    }
}

impl Taps<'_> {
    #[inline(always)]
    fn tiles<S: Simd, const M: usize, const N: usize>(mut self, simd: S) {
        let taps = self.taps.clone();
        let mut first = taps.start;
        while first < taps.end {
            let count = M.min(taps.end - first);
            let mut tile = [[[0.0; LANES]; N]; M];
            let sums = self.tile::<S, M, N>(simd, first, count);
            for m in 0..M {
                for n in 0..N {
                    simd.store(sums[m][n], &mut tile[m][n]);
                }
            }
            for (channel, row) in self.grad_weight.chunks_mut(self.stride).enumerate().take(N * LANES) {
                let row = &mut row[first..][..count];
                for (m, grad) in row.iter_mut().enumerate() {
                    *grad += tile[m][channel / LANES][channel % LANES];
                }
            }
            first += count;
        }
    }

    /// The sums of `count` taps from `first` on; the others repeat the last.
    #[inline(always)]
    fn tile<S: Simd, const M: usize, const N: usize>(
        &mut self,
        simd: S,
        first: usize,
        count: usize,
    ) -> [[S::Vector; N]; M] {
        let ([height, width], [samples, rows, columns]) = (self.axes, self.sizes);
        let Patches { values, sample, channel, row } = self.patches;
        let mut offsets = [0; M];
        for (m, offset) in offsets.iter_mut().enumerate() {
            let (rest, kw) = ((first + m.min(count - 1)) / width.kernel, (first + m.min(count - 1)) % width.kernel);
            let (c, kh) = (rest / height.kernel, rest % height.kernel);
            *offset = c * channel + kh * height.dilation * row + kw * width.dilation;
            let last = (samples - 1) * sample + (rows - 1) * height.stride * row + (columns - 1) * width.stride;
            assert!(*offset + last < values.len(), "a patch ends under the strip");
        }
        let positions = samples * rows * columns;
        assert!(self.grads.len() == N * positions, "the gradients are those of the strip");
        let mut sums = [[simd.splat(0.0); N]; M];
        let mut starts = [values.as_ptr(); M];
        for m in 0..M {
            starts[m] = values[offsets[m]..].as_ptr();
        }
        let mut grads = self.grads.as_ptr();
        for s in 0..samples {
            for h in 0..rows {
                let mut at = s * sample + h * height.stride * row;
                for _ in 0..columns {
                    let mut vectors = [simd.splat(0.0); N];
                    for n in 0..N {
                        // SAFETY: `grads` has moved on once for each of the positions before this one, so it points to
                        // position p < positions of N · positions vectors, and n · positions further is inside too.
                        vectors[n] = simd.load(unsafe { &*grads.add(n * positions) });
                    }
                    for m in 0..M {
                        // SAFETY: `at` is at most `last`, and offsets[m] + last < values.len() by the assertion.
                        let value = simd.splat(unsafe { *starts[m].add(at) });
                        for n in 0..N {
                            sums[m][n] = simd.multiply_add(value, vectors[n], sums[m][n]);
                        }
                    }
                    at += width.stride;
                    grads = grads.wrapping_add(1);
                }
            }
        }
        sums
    }
}
