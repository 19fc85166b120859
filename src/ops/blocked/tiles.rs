//! The microkernel: P output positions × N blocks of 16 output channels stay in registers while all taps go by.
//!
//! For each input channel under each tap it loads N vectors of weights and broadcasts P values of the input straight from
//! where they lie, P · N multiply-adds for N + P loads.
//!
//! | | registers | P × N | sums + weights + input |
//! |---|---|---|---|
//! | AVX-512 | 32 of 16 floats | 14 × 2 | 28 + 2 + 1 |
//! | AVX2 | 16 of 8 floats | 6 × 1 | 12 + 2 + 1 |
//! | NEON | 32 of 4 floats | 6 × 1 | 24 + 4 + 1 |
//! | SSE2, SIMD128, portable | 16 of 4 floats | 2 × 1 | 8 + 4 + 1 |
//!
//! Rows of positions are cut into tiles of nearly one width, so none is mostly empty: 27 = 14 + 13. A tile of each width is
//! compiled as a function of its own ([`Simd::apart`]), which runs all tiles of that width over many rows.
#![allow(unsafe_code)]

mod operands;

use core::marker::PhantomData;

use crate::arena::Shared;
use crate::ops::Activation;
use crate::ops::activation::{self, Epilogue};
use crate::simd::{Kernel, LANES, Simd};
pub(super) use operands::{Dots, Floats, Operands, Widened};

/// Where the values under a window lie, from that under its first tap in the first input block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patch {
    /// Input blocks, and floats from one to the next.
    pub blocks: [usize; 2],
    /// Taps along depth and height, and floats from one to the next.
    pub depth: [usize; 2],
    pub height: [usize; 2],
    /// Taps along the width.
    pub width: usize,
    /// Input columns lie by their remainder modulo the stride, so that neighbouring outputs read neighbouring cells: how
    /// many remainders, and floats from one to the next.
    pub phases: [usize; 2],
    /// From one tap to the next: whole strides, and the remainder.
    pub step: [usize; 2],
}

impl Patch {
    /// One cell of each of so many blocks.
    pub const fn point(blocks: [usize; 2]) -> Self {
        Self { blocks, depth: [1, 0], height: [1, 0], width: 1, phases: [1, 0], step: [0, 0] }
    }

    /// Cells under a window, in all blocks.
    pub const fn cells(&self) -> usize {
        self.blocks[0] * self.depth[0] * self.height[0] * self.width
    }

    /// Floats from the first value that a position reads to the end of the last, for blocks of so many channels.
    pub const fn reach(&self, block: usize) -> usize {
        // The last tap has moved by `width − 1` steps, and lies in whatever phase that is.
        let moved = (self.width - 1) * (self.step[0] * self.phases[0] + self.step[1]);
        (self.blocks[0] - 1) * self.blocks[1]
            + (self.depth[0] - 1) * self.depth[1]
            + (self.height[0] - 1) * self.height[1]
            + if self.phases[0] > 1 { (self.phases[0] - 1) * self.phases[1] } else { 0 }
            + (moved / self.phases[0] + 1) * block
    }
}

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// The first one.
    pub first: usize,
    /// Floats from one block of 16 channels to the next, from one row of positions to the next, from one position to the
    /// next, and from one channel to the next: 1, or planar.
    pub block: usize,
    pub row: usize,
    pub position: usize,
    pub lane: usize,
    /// Channels that there are from the first on: of the last block perhaps not all 16.
    pub channels: usize,
}

/// What sums begin with.
#[derive(Clone, Copy)]
pub(super) enum Start<'a> {
    Zero,
    /// `[blocks][16]`.
    Bias(&'a [f32]),
    /// What the output holds.
    Output,
}

/// A product: rows of `width` positions, `blocks` blocks of output channels.
#[derive(Clone, Copy)]
pub(super) struct Tiles<'a> {
    pub patch: Patch,
    /// The input, from the first value under the first position on.
    pub input: &'a [f32],
    /// Floats between the first values under two neighbouring rows.
    pub input_row: usize,
    /// `[blocks][cells][…]` as the operands ask for, blocks `weight_block` floats apart.
    pub weight: &'a [f32],
    pub weight_block: usize,
    pub start: Start<'a>,
    pub output: &'a Shared<'a>,
    pub target: Target,
    pub rows: usize,
    pub width: usize,
    pub blocks: usize,
    pub activation: Option<Activation>,
}

/// The widest tile of one, and of two blocks.
const fn widest<S: Simd>() -> [usize; 2] {
    match S::REGISTERS {
        32.. => [14, 14],
        8.. => [6, 0],
        4.. => [2, 0],
        _ => [1, 0],
    }
}

impl Tiles<'_> {
    /// Computes all of it, on such operands.
    ///
    /// # Safety
    ///
    /// While this runs nobody else reads or writes the places of `output` that `target` names.
    #[inline(always)]
    pub(super) unsafe fn run<S: Simd, O: Operands>(&self, simd: S) {
        self.assert_lengths::<O>();
        let [one, two] = widest::<S>();
        let mut block = 0;
        while block < self.blocks {
            let count = if two > 0 && self.blocks - block > 1 { 2 } else { 1 };
            let wide = if count == 2 { two } else { one };
            let tiles = self.width.div_ceil(wide);
            let (narrow, wider) = (self.width / tiles, self.width % tiles);
            // The first `wider` tiles are one position wider than the others.
            for (first, count_tiles, p) in [(0, wider, narrow + 1), (wider * (narrow + 1), tiles - wider, narrow)] {
                if count_tiles > 0 {
                    let part = Part { tiles: self, block, first, count: count_tiles };
                    // SAFETY: the caller's promise is for all of `target`.
                    unsafe { part.run::<S, O>(simd, count, p) };
                }
            }
            block += count;
        }
    }

    #[inline(always)]
    fn assert_lengths<O: Operands>(&self) {
        assert!(self.rows > 0 && self.width > 0 && self.blocks > 0, "a product of nothing");
        let input = (self.rows - 1) * self.input_row + (self.width - 1) * O::CELL + self.patch.reach(O::CELL);
        assert!(input <= self.input.len(), "the input ends under the window");
        let weight = (self.blocks - 1) * self.weight_block + self.patch.cells() * O::WEIGHT;
        assert!(weight <= self.weight.len(), "the weight is [blocks][taps][16]");
        let target = &self.target;
        let last = target.channels.min(self.blocks * LANES) - 1;
        let output = target.first
            + last / LANES * target.block
            + last % LANES * target.lane
            + (self.rows - 1) * target.row
            + (self.width - 1) * target.position;
        assert!(target.channels > (self.blocks - 1) * LANES && output < self.output.len(), "the output ends too early");
    }
}

/// Tiles of one width, beside each other from position `first` on, in every row; one or two blocks from `block` on.
struct Part<'t, 'a> {
    tiles: &'t Tiles<'a>,
    block: usize,
    first: usize,
    count: usize,
}

/// The same with its sizes in the type.
struct Sized<'p, 't, 'a, const P: usize, const N: usize, O>(&'p Part<'t, 'a>, PhantomData<O>);

impl Part<'_, '_> {
    /// # Safety
    ///
    /// As [`Tiles::run`].
    #[inline(always)]
    unsafe fn run<S: Simd, O: Operands>(&self, simd: S, blocks: usize, positions: usize) {
        macro_rules! sizes {
            ($($p:literal)+; $($wide:literal)+) => {
                match (blocks, positions) {
                    (1, 1) => simd.apart(Sized::<1, 1, O>(self, PhantomData)),
                    (1, 2) if S::REGISTERS >= 4 => simd.apart(Sized::<2, 1, O>(self, PhantomData)),
                    (1, 3) if S::REGISTERS >= 8 => simd.apart(Sized::<3, 1, O>(self, PhantomData)),
                    (1, 4) if S::REGISTERS >= 8 => simd.apart(Sized::<4, 1, O>(self, PhantomData)),
                    (1, 5) if S::REGISTERS >= 8 => simd.apart(Sized::<5, 1, O>(self, PhantomData)),
                    (1, 6) if S::REGISTERS >= 8 => simd.apart(Sized::<6, 1, O>(self, PhantomData)),
                    $((1, $wide) if S::REGISTERS >= 32 => simd.apart(Sized::<$wide, 1, O>(self, PhantomData)),)+
                    $((2, $p) if S::REGISTERS >= 32 => simd.apart(Sized::<$p, 2, O>(self, PhantomData)),)+
                    _ => unreachable!("no tile is so wide"),
                }
            };
        }
        sizes!(1 2 3 4 5 6 7 8 9 10 11 12 13 14; 7 8 9 10 11 12 13 14);
    }
}

impl<const P: usize, const N: usize, O: Operands> Kernel for Sized<'_, '_, '_, P, N, O> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Part { tiles, block, first, count } = *self.0;
        let weight = tiles.weight[block * tiles.weight_block..].as_ptr();
        let bias: [S::Vector; N] = core::array::from_fn(|n| match tiles.start {
            Start::Bias(bias) => {
                simd.load(bias[(block + n) * LANES..].first_chunk().expect("the bias is whole blocks"))
            }
            Start::Zero | Start::Output => simd.splat(0.0),
        });
        let target = &tiles.target;
        // Whether the results are vectors where they go.
        let whole = target.lane == 1 && target.channels - block * LANES >= N * LANES;
        for row in 0..tiles.rows {
            for tile in 0..count {
                let position = first + tile * P;
                let place = target.first + block * target.block + row * target.row + position * target.position;
                // SAFETY: these are the places of `target`, which `Tiles::run`'s caller keeps for us, and which `assert_lengths` has
                // put inside the output; 16 floats of each block and position if `whole`.
                let vector = |n: usize, p: usize| unsafe {
                    tiles.output.as_ptr().add(place + n * target.block + p * target.position)
                };
                let mut sums = [bias; P];
                if let Start::Output = tiles.start {
                    let mut lanes = [[[0.0; LANES]; N]; P];
                    if !whole {
                        // SAFETY: as above.
                        unsafe {
                            each_lane(tiles, block, place, [P, N], lanes.as_flattened_mut(), |from, to| *to = *from)
                        };
                    }
                    for p in 0..P {
                        for n in 0..N {
                            // SAFETY: as above.
                            sums[p][n] = simd.load(if whole { unsafe { &*vector(n, p).cast() } } else { &lanes[p][n] });
                        }
                    }
                }
                // SAFETY: `assert_lengths` has put the end of the last position's patch inside the input, and this tile's
                // last position is at most that one; it has put the end of the last block's weights inside the weight.
                unsafe {
                    let input = tiles.input.as_ptr().add(row * tiles.input_row + position * O::CELL);
                    add_products::<S, P, N, O>(simd, &tiles.patch, input, weight, tiles.weight_block, &mut sums);
                }
                activate(simd, tiles.activation, &mut sums);
                if whole {
                    for p in 0..P {
                        for n in 0..N {
                            // SAFETY: as above.
                            simd.store(sums[p][n], unsafe { &mut *vector(n, p).cast() });
                        }
                    }
                } else {
                    let mut lanes = [[[0.0; LANES]; N]; P];
                    for p in 0..P {
                        for n in 0..N {
                            simd.store(sums[p][n], &mut lanes[p][n]);
                        }
                    }
                    // SAFETY: as above.
                    unsafe { each_lane(tiles, block, place, [P, N], lanes.as_flattened_mut(), |to, from| *to = *from) };
                }
            }
        }
    }
}

/// Calls `copy` with every value of a tile where it belongs in the output and where it is in `lanes`, `[P][N][16]`.
///
/// # Safety
///
/// As [`Tiles::run`], of the tile at `place`.
#[inline(never)]
unsafe fn each_lane(
    tiles: &Tiles,
    block: usize,
    place: usize,
    [positions, blocks]: [usize; 2],
    lanes: &mut [[f32; LANES]],
    copy: impl Fn(&mut f32, &mut f32),
) {
    let target = &tiles.target;
    for p in 0..positions {
        for n in 0..blocks {
            let count = (target.channels - (block + n) * LANES).min(LANES);
            let first = place + n * target.block + p * target.position;
            for (lane, value) in lanes[p * blocks + n].iter_mut().enumerate().take(count) {
                // SAFETY: the caller's promise, for a channel that there is.
                copy(unsafe { &mut *tiles.output.as_ptr().add(first + lane * target.lane) }, value);
            }
        }
    }
}

/// sums ← sums + Σ weight · input for one tile.
///
/// # Safety
///
/// The patch of each of P positions, a cell apart from `input` on, can be read, and a weight for each of its cells from `weight`
/// on and from the N − 1 places `weight_block` floats further each.
#[inline(always)]
unsafe fn add_products<S: Simd, const P: usize, const N: usize, O: Operands>(
    simd: S,
    patch: &Patch,
    input: *const f32,
    mut weight: *const f32,
    weight_block: usize,
    result: &mut [[S::Vector; N]; P],
) {
    let mut sums = *result;
    for block in 0..patch.blocks[0] {
        for depth in 0..patch.depth[0] {
            for height in 0..patch.height[0] {
                let row =
                    input.wrapping_add(block * patch.blocks[1] + depth * patch.depth[1] + height * patch.height[1]);
                let (mut column, mut phase) = (0, 0);
                for _ in 0..patch.width {
                    let values = row.wrapping_add(phase * patch.phases[1] + column * O::CELL);
                    // SAFETY: the caller's promise: these are the cells under a tap, and `weight` is at that tap's.
                    unsafe { O::add::<S, P, N>(simd, values, weight, weight_block, &mut sums) };
                    weight = weight.wrapping_add(O::WEIGHT);
                    (column, phase) = (column + patch.step[0], phase + patch.step[1]);
                    if phase >= patch.phases[0] {
                        (column, phase) = (column + 1, phase - patch.phases[0]);
                    }
                }
            }
        }
    }
    *result = sums;
}

/// Applies to what has been stored an activation that [`activate`] leaves alone.
#[inline(always)]
pub(super) fn finish<E: Epilogue>(epilogue: E, output: &mut [f32]) {
    match epilogue.activation() {
        Some(activation) if E::ALL && !activation::is_brief(activation) => activation::apply(activation, output),
        _ => {}
    }
}

/// The activations that are a few instructions. NaN stays NaN.
#[inline(always)]
pub(super) fn activate<S: Simd, const P: usize, const N: usize>(
    simd: S,
    activation: Option<Activation>,
    sums: &mut [[S::Vector; N]; P],
) {
    match activation {
        Some(Activation::Relu) => {
            let zero = simd.splat(0.0);
            for p in 0..P {
                for n in 0..N {
                    sums[p][n] = simd.max(zero, sums[p][n]);
                }
            }
        }
        Some(Activation::Clamp(low, high)) => {
            let (low, high) = (simd.splat(low), simd.splat(high));
            for p in 0..P {
                for n in 0..N {
                    sums[p][n] = simd.min(high, simd.max(low, sums[p][n]));
                }
            }
        }
        Some(Activation::LeakyRelu(slope)) => {
            // x where x > 0, slope · x elsewhere: the positive part, and the slope times the rest.
            let (zero, slope) = (simd.splat(0.0), simd.splat(slope));
            for p in 0..P {
                for n in 0..N {
                    let x = sums[p][n];
                    sums[p][n] = simd.multiply_add(slope, simd.min(zero, x), simd.max(x, zero));
                }
            }
        }
        _ => {}
    }
}
