//! Windows of 3 and of 3×3 neighbours in steps of one that keep the size, the depthwise convolutions of MobileNet and its
//! kin: read where they lie, padding and all.
//!
//! A tile is P neighbouring positions of a row. Products with the padding are left out: of the rows above the first and
//! below the last, and of the cells on the left and on the right of a row. So nothing is copied.

use super::super::tiles::activate;
use super::Blocks;
use crate::ops::geometry::{Axis, Conv, input_cells, kernel_cells, output_cells};
use crate::simd::{Kernel, LANES, Plain, Simd};

/// Where there are no vectors all windows go the other way: on a Cortex-M this one makes a network a tenth faster and its
/// program 5 KB larger.
const HAS_VECTORS: bool = Plain::REGISTERS >= 4 || cfg!(target_arch = "wasm32");

/// Whether a convolution is of this kind.
pub(super) const fn is_near(g: &Conv) -> bool {
    let [depth, height, width] = &g.axes;
    HAS_VECTORS && keeps(depth, 1) && (keeps(height, 1) || keeps(height, 3)) && keeps(width, 3) && depth.output == 1
}

/// Whether so many neighbouring cells in the middle of which a position lies are its window.
const fn keeps(axis: &Axis, kernel: usize) -> bool {
    axis.kernel == kernel
        && axis.stride == 1
        && axis.dilation == 1
        && axis.padding[0] == kernel / 2
        && axis.output == axis.input
}

/// One block of channels of one sample.
pub(super) struct Block<'b, 'a> {
    blocks: &'b Blocks<'a>,
    /// `[H][W]` cells.
    input: &'b [[f32; LANES]],
    /// `[K_h][3]` taps.
    weight: &'b [[f32; LANES]],
    bias: &'b [f32; LANES],
}

/// Tiles of P positions, `count` of them from `first` on, in every row.
struct Tiles<'t, 'b, 'a, const P: usize> {
    block: &'t Block<'b, 'a>,
    output: &'t mut [[f32; LANES]],
    first: usize,
    count: usize,
}

/// The widest tile: P sums, three weights and a cell are in registers.
const fn widest<S: Simd>() -> usize {
    match S::REGISTERS {
        32.. => 8,
        8.. => 4,
        4.. => 2,
        _ => 1,
    }
}

impl<'b, 'a> Block<'b, 'a> {
    /// Block `block` of `[N][C / 16]`.
    #[inline(always)]
    pub fn new(blocks: &'b Blocks<'a>, block: usize) -> Self {
        let g = blocks.g;
        let (cells, taps, channels) = (input_cells(&g.axes), kernel_cells(&g.axes), block % (g.in_channels / LANES));
        let (weight, bias) = blocks.packed.as_chunks().0.split_at(g.in_channels / LANES * taps);
        Self {
            blocks,
            input: &blocks.input.as_chunks().0[block * cells..][..cells],
            weight: &weight[channels * taps..][..taps],
            bias: &bias[channels],
        }
    }

    /// Writes the block's output, `[H][W]` cells.
    #[inline(always)]
    pub fn run<S: Simd>(&self, simd: S, output: &mut [f32]) {
        let g = self.blocks.g;
        assert_eq!(output.len(), output_cells(&g.axes) * LANES, "a block of the output");
        let output = output.as_chunks_mut().0;
        let tiles = g.axes[2].output.div_ceil(widest::<S>());
        let (narrow, wider) = (g.axes[2].output / tiles, g.axes[2].output % tiles);
        // The first `wider` tiles are one position wider than the others.
        for (first, count, p) in [(0, wider, narrow + 1), (wider * (narrow + 1), tiles - wider, narrow)] {
            if count == 0 {
                continue;
            }
            macro_rules! sizes {
                ($(($p:literal, $registers:literal))+) => {
                    match p {
                        $($p if S::REGISTERS >= $registers => {
                            simd.apart(Tiles::<$p> { block: self, output: &mut *output, first, count });
                        })+
                        _ => unreachable!("no tile is so wide"),
                    }
                };
            }
            sizes!((1, 1)(2, 4)(3, 8)(4, 8)(5, 32)(6, 32)(7, 32)(8, 32));
        }
    }
}

impl<const P: usize> Kernel for Tiles<'_, '_, '_, P> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Tiles { block, output, first, count } = self;
        let activation = block.blocks.activation;
        let [_, height, width] = &block.blocks.g.axes;
        let (around, bias) = (height.kernel > 1, simd.load(block.bias));
        let weight = block.weight.as_chunks::<3>().0;
        let line = |h: usize| &block.input[h * width.input..][..width.input];
        for (h, output) in output.chunks_exact_mut(width.output).enumerate() {
            for tile in 0..count {
                let position = first + tile * P;
                let mut sums = [[bias]; P];
                if around && h > 0 {
                    add_line::<S, P>(simd, line(h - 1), position, &weight[0], &mut sums);
                }
                add_line::<S, P>(simd, line(h), position, &weight[height.kernel / 2], &mut sums);
                if around && h + 1 < height.input {
                    add_line::<S, P>(simd, line(h + 1), position, &weight[2], &mut sums);
                }
                activate(simd, activation, &mut sums);
                let output: &mut [_; P] = output[position..].first_chunk_mut().expect("a tile is inside its row");
                for p in 0..P {
                    simd.store(sums[p][0], &mut output[p]);
                }
            }
        }
    }
}

/// sums ← sums + three taps · a line of cells, for the positions from `position` on.
#[inline(always)]
fn add_line<S: Simd, const P: usize>(
    simd: S,
    cells: &[[f32; LANES]],
    position: usize,
    weight: &[[f32; LANES]; 3],
    sums: &mut [[S::Vector; 1]; P],
) {
    let under: &[_; P] = cells[position..].first_chunk().expect("a tile is inside its row");
    let weight = [simd.load(&weight[0]), simd.load(&weight[1]), simd.load(&weight[2])];
    if position > 0 {
        sums[0][0] = simd.multiply_add(simd.load(&cells[position - 1]), weight[0], sums[0][0]);
    }
    for p in 1..P {
        sums[p][0] = simd.multiply_add(simd.load(&under[p - 1]), weight[0], sums[p][0]);
    }
    for p in 0..P {
        sums[p][0] = simd.multiply_add(simd.load(&under[p]), weight[1], sums[p][0]);
    }
    for p in 1..P {
        sums[p - 1][0] = simd.multiply_add(simd.load(&under[p]), weight[2], sums[p - 1][0]);
    }
    if let Some(cell) = cells.get(position + P) {
        sums[P - 1][0] = simd.multiply_add(simd.load(cell), weight[2], sums[P - 1][0]);
    }
}
