//! The microkernel: positions × vectors of output channels, from patches that are addresses.
//!
//! For each channel and tap it loads its vectors of weights, and broadcasts against them the value under the tap of each of
//! its positions.
//!
//! | vectors are | registers | positions × vectors | used: sums + vectors of weights + a value of the input |
//! |---|---|---|---|
//! | one register of 512 bits | 32 | 8 × 3 | 24 + 3 + 1 = 28 |
//! | two of 256 bits | 16 | 6 × 1 | 12 + 2 + 1 = 15 |
//! | four of 128 bits | 32 | 6 × 1 | 24 + 4 + 1 = 29 |
//! | four of 128 bits | 16 | 3 × 1 | 12 + 1 + 3 = 16, a register of weights at a time |
#![allow(unsafe_code)]
#![allow(clippy::needless_range_loop)] // loops of constant length keep sums in registers, whatever they index

use crate::ops::conv::regions::Patches;
use crate::ops::geometry::Axis;
use crate::simd::{Kernel, LANES, Plain, Simd};

/// Vectors of output channels that a tile has at most, with so many registers.
pub(in crate::ops::conv) const fn most_vectors(registers: usize) -> usize {
    if registers >= 32 { MOST_VECTORS } else { 1 }
}

/// The most of all.
pub(in crate::ops::conv) const MOST_VECTORS: usize = 3;

/// output += weights ∗ patches for the positions of a strip and up to [`MOST_VECTORS`] vectors of output channels.
pub(super) struct Tiles<'a> {
    /// Height and width.
    pub axes: [&'a Axis; 2],
    /// Samples, rows and columns of the strip.
    pub sizes: [usize; 3],
    pub patches: Patches<'a>,
    /// Channels of the patches.
    pub channels: usize,
    /// `[vectors][channels, K_h, K_w][16]`; lanes beyond the last output channel may be anything.
    pub weights: &'a [[f32; LANES]],
    /// From the strip's first position of its first output channel on.
    pub output: &'a mut [f32],
    /// Output channels.
    pub outputs: usize,
    /// Values from one sample, and from one channel, of the output to the next.
    pub strides: [usize; 2],
}

impl Kernel for Tiles<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match (S::REGISTERS, self.outputs.div_ceil(LANES)) {
            (32.., 3) => self.tiles::<S, 8, 3>(simd),
            (32.., 2) => self.tiles::<S, 8, 2>(simd),
            (32.., 1) => self.tiles::<S, 8, 1>(simd),
            (8..32, 1) => self.tiles::<S, 6, 1>(simd),
            (0..8, 1) => self.tiles::<S, 3, 1>(simd),
            _ => unreachable!("no tile has more vectors"),
        }
    }
}

impl Tiles<'_> {
    /// In plain Rust.
    pub(super) fn run_plain(self) {
        self.run(Plain);
    }

    #[inline(always)]
    fn tiles<S: Simd, const M: usize, const N: usize>(mut self, simd: S) {
        let [samples, rows, columns] = self.sizes;
        for sample in 0..samples {
            for first in (0..rows * columns).step_by(M) {
                let count = M.min(rows * columns - first);
                let sums = self.tile::<S, M, N>(simd, sample, first, count);
                let [sample_stride, channel_stride] = self.strides;
                let output = &mut self.output[sample * sample_stride + first..];
                for n in 0..N {
                    let mut tile = [[0.0; LANES]; M];
                    for m in 0..M {
                        simd.store(sums[m][n], &mut tile[m]);
                    }
                    for (lane, channel) in (n * LANES..self.outputs.min((n + 1) * LANES)).enumerate() {
                        let to = &mut output[channel * channel_stride..][..count];
                        match to.as_mut_array::<M>() {
                            Some(to) => {
                                for m in 0..M {
                                    to[m] += tile[m][lane];
                                }
                            }
                            None => to.iter_mut().zip(&tile).for_each(|(to, sums)| *to += sums[lane]),
                        }
                    }
                }
            }
        }
    }

    /// The sums at `count` positions of a sample from `first` on; the others repeat the last.
    #[inline(always)]
    fn tile<S: Simd, const M: usize, const N: usize>(
        &mut self,
        simd: S,
        sample: usize,
        first: usize,
        count: usize,
    ) -> [[S::Vector; N]; M] {
        let ([height, width], columns, patches) = (self.axes, self.sizes[2], &self.patches);
        let taps = self.channels * height.kernel * width.kernel;
        assert!(self.weights.len() == N * taps, "there is a weight for each tap");
        let last = (self.channels.max(1) - 1) * patches.channel
            + height.kernel.saturating_sub(1) * height.dilation * patches.row
            + width.kernel.saturating_sub(1) * width.dilation;
        let mut starts = [patches.values.as_ptr(); M];
        let (mut row, mut column) = (first / columns, first % columns);
        for m in 0..M {
            let position = sample * patches.sample + row * height.stride * patches.row + column * width.stride;
            assert!(position + last < patches.values.len(), "a patch ends under the strip");
            starts[m] = patches.values[position..].as_ptr();
            if m + 1 < count {
                (row, column) = if column + 1 < columns { (row, column + 1) } else { (row + 1, 0) };
            }
        }
        let mut sums = [[simd.splat(0.0); N]; M];
        let mut weights = self.weights.as_ptr();
        for c in 0..self.channels {
            for kh in 0..height.kernel {
                let mut at = c * patches.channel + kh * height.dilation * patches.row;
                for _ in 0..width.kernel {
                    let mut vectors = [simd.splat(0.0); N];
                    for n in 0..N {
                        // SAFETY: `weights` has moved on once for each of the taps before this one, so it points to tap
                        // t < taps of N · taps vectors, and n · taps further is inside too.
                        vectors[n] = simd.load(unsafe { &*weights.add(n * taps) });
                    }
                    for m in 0..M {
                        // SAFETY: `at` is at most `last`, and the assertion above has starts[m] + last inside the values.
                        let value = simd.splat(unsafe { *starts[m].add(at) });
                        for n in 0..N {
                            sums[m][n] = simd.multiply_add(value, vectors[n], sums[m][n]);
                        }
                    }
                    at += width.dilation;
                    weights = weights.wrapping_add(1);
                }
            }
        }
        sums
    }
}
