//! The microkernel: P positions × N blocks of 16 outputs, whose sums stay in registers while all inputs go by.
//!
//! For every four inputs it reads N · 64 weights, which lie in the order in which they are met, and four bytes at each of
//! the P positions, straight from where they lie.
#![allow(unsafe_code)]

use super::requantize::{BLOCK_PARAMETERS, Bounds};
use crate::simd::LANES;
use crate::simd::integers::{Integers, QUAD, Weights};

/// Where the bytes under a window lie, from its first one: runs of bytes in a row.
#[derive(Clone, Copy, Debug)]
pub struct Patch {
    /// How many runs along depth, height and width, and bytes from one to the next.
    pub runs: [[usize; 2]; 3],
    /// Quads of a run; the last may reach beyond it, onto weights that are 0.
    pub quads: usize,
}

impl Patch {
    /// Quads of all runs.
    pub const fn all_quads(&self) -> usize {
        self.runs[0][0] * self.runs[1][0] * self.runs[2][0] * self.quads
    }

    /// Bytes from the first to the end of the last quad.
    const fn reach(&self) -> usize {
        let [[depths, depth], [heights, height], [widths, width]] = self.runs;
        (depths - 1) * depth + (heights - 1) * height + (widths - 1) * width + self.quads * QUAD
    }
}

/// Positions in a row, and blocks of outputs to compute there.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub patch: Patch,
    /// What the patches lie in.
    pub input: &'a [u8],
    /// The first position's first byte.
    pub first: usize,
    /// Bytes from one position to the next.
    pub step: usize,
    /// How many.
    pub positions: usize,
    /// The blocks, `[blocks]`: parameters, then `[quads][16][4]` of weights.
    pub blocks: &'a [u8],
    /// What is stored.
    pub bounds: Bounds,
    /// Where: the first output, and outputs from one position to the next.
    pub target: [usize; 2],
    /// Outputs that there are from the first on: of the last block perhaps not all 16.
    pub outputs: usize,
    /// Whether what lies behind a position's outputs is written later, so that all of a block may be stored.
    pub spills: bool,
}

impl Row<'_> {
    /// Computes all positions, for `N` blocks.
    #[inline(always)]
    pub fn run<I: Integers, const N: usize>(&self, integers: I, output: &mut [u8]) {
        // Tiles of nearly one width, so that none is mostly empty.
        let tiles = self.positions.div_ceil(I::POSITIONS);
        for tile in 0..tiles {
            let [from, to] = [tile, tile + 1].map(|tile| tile * self.positions / tiles);
            match to - from {
                1 => self.tile::<I, 1, N>(integers, from, output),
                2 if I::POSITIONS >= 2 => self.tile::<I, 2, N>(integers, from, output),
                3 if I::POSITIONS >= 3 => self.tile::<I, 3, N>(integers, from, output),
                4 if I::POSITIONS >= 4 => self.tile::<I, 4, N>(integers, from, output),
                5 if I::POSITIONS >= 5 => self.tile::<I, 5, N>(integers, from, output),
                6 if I::POSITIONS >= 6 => self.tile::<I, 6, N>(integers, from, output),
                7 if I::POSITIONS >= 7 => self.tile::<I, 7, N>(integers, from, output),
                8 if I::POSITIONS >= 8 => self.tile::<I, 8, N>(integers, from, output),
                _ => unreachable!("a tile has at most 8 positions"),
            }
        }
    }

    /// Computes `P` positions, for `N` blocks.
    #[inline(always)]
    pub fn tile<I: Integers, const P: usize, const N: usize>(&self, integers: I, from: usize, output: &mut [u8]) {
        let sums = self.sums::<I, P, N>(integers, self.first + from * self.step);
        let block = self.blocks.len() / N;
        let [first, step] = self.target;
        for p in 0..P {
            for n in 0..N {
                let (parameters, _) = self.blocks[n * block..].split_first_chunk().expect("a block has parameters");
                let bytes = integers.requantize(sums[n][p], parameters, self.bounds);
                let (at, outputs) = (first + (from + p) * step + n * LANES, self.outputs - n * LANES);
                if outputs >= LANES || self.spills {
                    output[at..at + LANES].copy_from_slice(&bytes);
                } else {
                    output[at..at + outputs].copy_from_slice(&bytes[..outputs]);
                }
            }
        }
    }

    /// The sums of `P` positions from this byte on.
    #[inline(always)]
    fn sums<I: Integers, const P: usize, const N: usize>(&self, integers: I, first: usize) -> [[I::Sums; P]; N] {
        let Patch { runs: [[depths, depth], [heights, height], [widths, width]], quads } = self.patch;
        let block = self.blocks.len() / N;
        assert!(first + (P - 1) * self.step + self.patch.reach() <= self.input.len(), "a patch lies in its input");
        assert!(
            BLOCK_PARAMETERS + self.patch.all_quads() * size_of::<Weights>() <= block,
            "a block has all its weights"
        );
        let mut sums = [[integers.zero(); P]; N];
        let mut weights = BLOCK_PARAMETERS;
        for d in 0..depths {
            for h in 0..heights {
                for w in 0..widths {
                    let run = first + d * depth + h * height + w * width;
                    for quad in 0..quads {
                        for p in 0..P {
                            let at = run + p * self.step + quad * QUAD;
                            // SAFETY: `at` is at most where the last position's last quad begins, and all of that is inside,
                            // by the first assertion; bytes have no alignment.
                            let bytes = unsafe { self.input.as_ptr().add(at).cast::<[u8; QUAD]>().read() };
                            let inputs = integers.inputs(bytes);
                            for n in 0..N {
                                // SAFETY: `weights` has moved by one array for each quad so far, of which a block has all, by
                                // the second assertion, and there are N blocks.
                                let weights =
                                    unsafe { &*self.blocks.as_ptr().add(n * block + weights).cast::<Weights>() };
                                sums[n][p] = integers.multiply_add(sums[n][p], weights, inputs);
                            }
                        }
                        weights += size_of::<Weights>();
                    }
                }
            }
        }
        sums
    }
}
