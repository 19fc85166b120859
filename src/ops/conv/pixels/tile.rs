//! The microkernel: output channels × vectors of neighbouring positions.
//!
//! | vectors are | registers | channels × vectors | used: sums + vectors of the input + a weight |
//! |---|---|---|---|
//! | one register of 512 bits | 32 | 6 × 4 | 24 + 4 + 1 = 29 |
//! | two of 256 bits | 16 | 6 × 1 | 12 + 2 + 1 = 15 |
//! | four of 128 bits | 32 | 6 × 1 | 24 + 4 + 1 = 29 |
//! | four of 128 bits | 16 | 3 × 1 | 12 + 1 + 3 = 16, a register of the input at a time |
//!
//! The four vectors are of one row, of two or of four, as its length asks. A vector that would reach over the end of a row
//! is moved to the left until it ends with it; of what it computes twice, only its own is stored. Rows shorter than a vector
//! read on behind their end.
#![allow(unsafe_code)]
#![allow(clippy::needless_range_loop)] // loops of constant length keep sums in registers, whatever they index

use crate::ops::conv::regions::Patches;
use crate::ops::geometry::Axis;
use crate::simd::{Kernel, LANES, Plain, Simd};

/// Output channels of a tile at most, with so many registers.
pub(super) const fn most_channels(registers: usize) -> usize {
    if registers >= 8 { MOST } else { 3 }
}

/// The most of all.
pub(super) const MOST: usize = 6;

/// output += weights ∗ patches for one sample and up to [`MOST`] output channels.
pub(super) struct Tiles<'a> {
    /// Height and width.
    pub axes: [&'a Axis; 2],
    /// The patches of the first position; 16 values behind the last one can be read.
    pub patches: Patches<'a>,
    /// Channels of the patches.
    pub channels: usize,
    /// `[channels, K_h, K_w]` times as many values as [`most_channels`]; those beyond the last output may be anything.
    pub weights: &'a [f32],
    /// `[outputs, H', W']`.
    pub output: &'a mut [f32],
}

impl Kernel for Tiles<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match S::REGISTERS {
            32.. => self.tiles::<S, 6, 4>(simd),
            8..32 => self.tiles::<S, 6, 1>(simd),
            _ => self.tiles::<S, 3, 1>(simd),
        }
    }
}

/// A vector of a tile: its row and its first column, and from which lane on it is not another's.
#[derive(Clone, Copy, Default)]
struct Place {
    row: usize,
    column: usize,
    own: usize,
}

impl Tiles<'_> {
    /// In plain Rust.
    pub(super) fn run_plain(self) {
        self.run(Plain);
    }

    #[inline(always)]
    fn tiles<S: Simd, const M: usize, const N: usize>(self, simd: S) {
        let [rows, columns] = self.axes.map(|axis| axis.output);
        let across = columns.div_ceil(LANES);
        let all = rows * across;
        let place = |index: usize| {
            let (row, first) = (index / across, index % across * LANES);
            let column = first.min(columns.saturating_sub(LANES));
            Place { row, column, own: first - column }
        };
        let mut first = 0;
        while first < all {
            let count = N.min(all - first);
            let mut places = [Place::default(); N];
            for n in 0..N {
                places[n] = place(first + n.min(count - 1));
            }
            let sums = self.tile::<S, M, N>(simd, &places);
            for (m, output) in self.output.chunks_exact_mut(rows * columns).enumerate().take(M) {
                for (n, Place { row, column, own }) in places.iter().enumerate().take(count) {
                    let to = &mut output[row * columns + column..][..columns.min(LANES)];
                    match to.as_mut_array() {
                        Some(to) if *own == 0 => simd.store(simd.add(simd.load(to), sums[m][n]), to),
                        _ => {
                            let mut lanes = [0.0; LANES];
                            simd.store(sums[m][n], &mut lanes);
                            to.iter_mut().zip(lanes).skip(*own).for_each(|(to, sum)| *to += sum);
                        }
                    }
                }
            }
            first += count;
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const M: usize, const N: usize>(&self, simd: S, places: &[Place; N]) -> [[S::Vector; N]; M] {
        let ([height, width], patches) = (self.axes, &self.patches);
        assert!(self.weights.len() == M * self.channels * height.kernel * width.kernel, "a tap has M weights");
        let last = (self.channels.max(1) - 1) * patches.channel
            + height.kernel.saturating_sub(1) * height.dilation * patches.row
            + width.kernel.saturating_sub(1) * width.dilation;
        let mut starts = [patches.values.as_ptr(); N];
        for n in 0..N {
            let position = places[n].row * patches.row + places[n].column;
            assert!(position + last + LANES <= patches.values.len(), "a vector ends under the sample");
            starts[n] = patches.values[position..].as_ptr();
        }
        let mut sums = [[simd.splat(0.0); N]; M];
        let mut weights = self.weights.as_ptr();
        for c in 0..self.channels {
            for kh in 0..height.kernel {
                let mut at = c * patches.channel + kh * height.dilation * patches.row;
                for _ in 0..width.kernel {
                    let mut vectors = [simd.splat(0.0); N];
                    for n in 0..N {
                        // SAFETY: `at` is at most `last`, and the assertion above has the 16 values at starts[n] + last
                        // inside; an array of floats needs no more alignment than a float.
                        vectors[n] = simd.load(unsafe { &*starts[n].add(at).cast() });
                    }
                    for m in 0..M {
                        // SAFETY: `weights` has moved on by M for each of the taps before this one, and there are M for
                        // each tap by the assertion.
                        let weight = simd.splat(unsafe { *weights.add(m) });
                        for n in 0..N {
                            sums[m][n] = simd.multiply_add(weight, vectors[n], sums[m][n]);
                        }
                    }
                    at += width.dilation;
                    weights = weights.wrapping_add(M);
                }
            }
        }
        sums
    }
}
