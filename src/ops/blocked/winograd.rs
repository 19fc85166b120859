//! Winograd's convolution F(4×4, 3×3): 3×3 windows at stride 1, blocked values.
//!
//! > Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A
//!
//! A tile of 4×4 outputs comes from 6×6 inputs d by 36 products instead of 144[^lavin]. Over channels the products are 36
//! matrix products `[tiles, C_in]` × `[C_in, C_out]`, which [`tiles`](super::tiles) computes as if they were 1×1
//! convolutions; G g Gᵀ is made when the network is prepared, four times the weight's floats. The points are 0, ±1, ±2 and ∞:
//!
//! | | Bᵀ | G | Aᵀ |
//! |---|---|---|---|
//! | 0 | 4, 0, −5, 0, 1, 0 | ¼, 0, 0 | 1, 0, 0, 0 |
//! | 1 | 0, −4, −4, 1, 1, 0 | −⅙, −⅙, −⅙ | 1, 1, 1, 1 |
//! | −1 | 0, 4, −4, −1, 1, 0 | −⅙, ⅙, −⅙ | 1, −1, 1, −1 |
//! | 2 | 0, −2, −1, 2, 1, 0 | 1/24, 1/12, ⅙ | 1, 2, 4, 8 |
//! | −2 | 0, 2, −1, −2, 1, 0 | 1/24, −1/12, ⅙ | 1, −2, 4, −8 |
//! | ∞ | 0, 4, 0, −5, 0, 1 | 0, 0, 1 | 0, 0, 0, 1 |
//!
//! (rows of Bᵀ and G, columns of Aᵀ). Sums of terms up to 5 · 5 and 8 · 8 times as large as what they add up to cost about one
//! decimal digit: of random inputs and weights results are wrong by 5e-6 of the largest with 16 input channels and by 1.2e-5
//! with 512, which the tests measure and hold.
//!
//! A NaN makes NaN of every output that sees it, and of others in the same tiles; an infinity makes NaN of most of these
//! outputs, where a direct sum has an infinity.
//!
//! # Order and memory
//!
//! Tiles of all samples go through in *chunks*: V `[C_in / 16][36][chunk][16]`, transformed inputs; then for a few blocks of
//! output channels M `[36][blocks][chunk][16]`, the products, and at once their transformation into outputs. The larger
//! the chunk, the less often is the weight read; V of a chunk should stay in a second or third-level cache.
//!
//! [^lavin]: A. Lavin, S. Gray, *Fast algorithms for convolutional neural networks*, CVPR 2016, section 4.
#![allow(unsafe_code)]

use core::ops::Range;

use super::tiles::{Patch, Start, Target, Tiles, activate, is_fused};
use crate::arena::Shared;
use crate::ops::geometry::{Conv, output_cells};
use crate::ops::{Activation, activation};
use crate::simd::{Isa, Kernel, LANES, Simd};
use crate::threads;

/// Outputs of a tile along each axis, inputs, and their square: how many matrix products there are.
const OUTPUTS: usize = 4;
const INPUTS: usize = 6;
const PRODUCTS: usize = INPUTS * INPUTS;

/// V of a chunk has at most 1 Mi floats · 4 bytes = 4 MiB: with 512 channels 56 tiles, four times as many positions as the
/// microkernel's widest tile.
const TRANSFORMED: usize = 1 << 20;

/// No chunk has more tiles: 8 of the microkernel's widest. With 64 channels V is then 1 MiB.
const LONGEST: usize = 112;

/// Blocks of output channels whose products lie in M together: each row of V, read from the second-level cache, serves all.
const TOGETHER: usize = 4;

/// Values of a packed weight: `[36][C_out / 16][C_in / 16][16][16]`, then the bias `[C_out]`.
pub const fn packed_floats(g: &Conv) -> usize {
    PRODUCTS.saturating_mul(g.in_channels).saturating_mul(g.out_channels).saturating_add(g.out_channels)
}

/// Packs weight `[C_out, C_in, 3, 3]` and bias `[C_out]`, or none.
pub const fn pack(g: &Conv, weight: &[f32], bias: &[f32], packed: &mut [f32]) {
    assert!(packed.len() == packed_floats(g), "the packed weight has packed_floats values");
    let matrix = g.in_channels * g.out_channels;
    let mut output = 0;
    while output < g.out_channels {
        let mut input = 0;
        while input < g.in_channels {
            let transformed = transform_kernel(weight, (output * g.in_channels + input) * 9);
            let place = (output / LANES * g.in_channels + input) * LANES + output % LANES;
            let mut product = 0;
            while product < PRODUCTS {
                packed[product * matrix + place] = transformed[product];
                product += 1;
            }
            input += 1;
        }
        packed[PRODUCTS * matrix + output] = if bias.is_empty() { 0.0 } else { bias[output] };
        output += 1;
    }
}

/// G g Gᵀ of the kernel at `weight[first..]`, in f64.
const fn transform_kernel(weight: &[f32], first: usize) -> [f32; PRODUCTS] {
    const G: [[f64; 3]; INPUTS] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    let mut half = [[0.0; 3]; INPUTS];
    let mut transformed = [0.0; PRODUCTS];
    let mut i = 0;
    while i < INPUTS {
        let mut column = 0;
        while column < 3 {
            half[i][column] = G[i][0] * weight[first + column] as f64
                + G[i][1] * weight[first + 3 + column] as f64
                + G[i][2] * weight[first + 6 + column] as f64;
            column += 1;
        }
        let mut j = 0;
        while j < INPUTS {
            transformed[i * INPUTS + j] = (half[i][0] * G[j][0] + half[i][1] * G[j][1] + half[i][2] * G[j][2]) as f32;
            j += 1;
        }
        i += 1;
    }
    transformed
}

/// Tiles of one sample, down and across.
const fn tiles_of_sample(g: &Conv) -> [usize; 2] {
    [g.axes[1].output.div_ceil(OUTPUTS), g.axes[2].output.div_ceil(OUTPUTS)]
}

/// Tiles of a chunk, where there are so many.
const fn chunk(g: &Conv, tiles: usize) -> usize {
    let fits = TRANSFORMED / (PRODUCTS * g.in_channels);
    let longest = if fits < LONGEST { fits } else { LONGEST };
    let longest = if longest == 0 { 1 } else { longest };
    // All of nearly one length.
    tiles.div_ceil(tiles.div_ceil(longest))
}

/// Floats of V and of M for a chunk of so many tiles.
const fn buffers(g: &Conv, chunk: usize) -> [usize; 2] {
    let together = if g.out_channels / LANES < TOGETHER { g.out_channels / LANES } else { TOGETHER };
    [PRODUCTS * g.in_channels * chunk, PRODUCTS * together * LANES * chunk]
}

/// Scratch that [`forward`] needs for so many samples on one thread, in floats.
pub const fn scratch_floats(g: &Conv, batch: usize) -> usize {
    let [down, across] = tiles_of_sample(g);
    let [v, m] = buffers(g, chunk(g, down.saturating_mul(across).saturating_mul(batch)));
    v + m
}

/// output ← activation(weight ∗ input + bias), blocked to blocked, on as many threads as `scratch` is long enough for.
#[allow(clippy::too_many_arguments)]
pub fn forward(
    g: &Conv,
    batch: usize,
    input: &[f32],
    packed: &[f32],
    activation: Option<Activation>,
    output: &mut [f32],
    scratch: &mut [f32],
    isa: Isa,
) {
    assert_eq!(input.len(), batch * g.input_len(), "the input is [N, C_in, H, W]");
    assert_eq!(output.len(), batch * g.output_len(), "the output is [N, C_out, H', W']");
    assert_eq!(packed.len(), packed_floats(g), "the packed weight has packed_floats values");
    let [down, across] = tiles_of_sample(g);
    let total = batch * down * across;
    // A scratch that was made for one sample has shorter chunks than there could be.
    let mut chunk = chunk(g, total);
    while buffers(g, chunk).iter().sum::<usize>() > scratch.len() {
        assert!(chunk > 1, "the scratch needs {} floats", scratch_floats(g, 1));
        chunk -= 1;
    }
    let (matrix, shared) = (g.in_channels * g.out_channels, Shared::new(output));
    let (weight, bias) = packed.split_at(PRODUCTS * matrix);
    let winograd =
        Winograd { g, across, of_sample: down * across, chunk, input, weight, bias, activation, output: &shared };
    let chunks = total.div_ceil(chunk);
    let [v, m] = buffers(g, chunk);
    let workers = threads::worth(batch * g.output_len() * g.taps(), usize::MAX).min(scratch.len() / (v + m));
    let tiles = |index: usize| index * chunk..total.min((index + 1) * chunk);
    if chunks >= 2 * workers {
        threads::share(0..chunks, workers, scratch, v + m, &|chunks, scratch| {
            let (v, m) = scratch.split_at_mut(v);
            for tiles in chunks.map(tiles) {
                isa.run_everywhere(Inputs {
                    winograd: &winograd,
                    tiles: tiles.clone(),
                    blocks: 0..g.in_channels / LANES,
                    v,
                });
                isa.run_everywhere(Outputs { winograd: &winograd, tiles, blocks: 0..g.out_channels / LANES, v, m });
            }
        });
    } else {
        // Few chunks: all threads work at one, first on blocks of its input, then on blocks of its output.
        let (v, m_of_all) = scratch.split_at_mut(v);
        for tiles in (0..chunks).map(tiles) {
            let shared_v = Shared::new(v);
            threads::share(0..g.in_channels / LANES, workers, &mut [], 0, &|blocks, _| {
                let floats = PRODUCTS * chunk * LANES;
                // SAFETY: each block of input channels is one share's, and so is its part of V.
                let v = unsafe { shared_v.slice(blocks.start * floats..blocks.end * floats) };
                isa.run_everywhere(Inputs { winograd: &winograd, tiles: tiles.clone(), blocks, v });
            });
            threads::share(0..g.out_channels / LANES, workers, m_of_all, m, &|blocks, m| {
                isa.run_everywhere(Outputs { winograd: &winograd, tiles: tiles.clone(), blocks, v, m });
            });
        }
    }
    if let Some(activation) = activation.filter(|activation| !is_fused(Some(*activation))) {
        activation::apply(activation, output);
    }
}

/// A convolution with its operands.
struct Winograd<'a> {
    g: &'a Conv,
    /// Tiles in a row, and of a sample.
    across: usize,
    of_sample: usize,
    /// Tiles that V and M are laid out for.
    chunk: usize,
    input: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    activation: Option<Activation>,
    output: &'a Shared<'a>,
}

impl Winograd<'_> {
    /// The sample of a tile, and its first output row and column.
    #[inline(always)]
    fn place(&self, tile: usize) -> [usize; 3] {
        let (sample, tile) = (tile / self.of_sample, tile % self.of_sample);
        [sample, tile / self.across * OUTPUTS, tile % self.across * OUTPUTS]
    }
}

/// V ← Bᵀ d B for blocks of input channels: v `[blocks][36][chunk][16]`.
struct Inputs<'a> {
    winograd: &'a Winograd<'a>,
    tiles: Range<usize>,
    blocks: Range<usize>,
    v: &'a mut [f32],
}

impl Kernel for Inputs<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Winograd { g, chunk, input, .. } = *self.winograd;
        let [_, height, width] = &g.axes;
        let (plane, of_block) = (height.input * width.input, PRODUCTS * chunk * LANES);
        let (cells, channels) = (input.as_chunks::<LANES>().0, g.in_channels / LANES);
        for (block, v) in self.blocks.zip(self.v.chunks_exact_mut(of_block)) {
            let v = v.as_chunks_mut::<LANES>().0;
            for (q, tile) in self.tiles.clone().enumerate() {
                let [sample, row, column] = self.winograd.place(tile);
                let cells = &cells[(sample * channels + block) * plane..][..plane];
                let (top, left) = (row.checked_sub(height.padding[0]), column.checked_sub(width.padding[0]));
                let e = match (top, left) {
                    (Some(top), Some(left)) if top + INPUTS <= height.input && left + INPUTS <= width.input => {
                        transform_columns(simd, |i| {
                            cells[(top + i) * width.input + left..].first_chunk().expect("the tile is inside")
                        })
                    }
                    _ => {
                        let tile = with_border(cells, g, row, column);
                        transform_columns(simd, |i| &tile[i])
                    }
                };
                for (i, e) in e.into_iter().enumerate() {
                    for (j, value) in transform(simd, e).into_iter().enumerate() {
                        simd.store(value, &mut v[(i * INPUTS + j) * chunk + q]);
                    }
                }
            }
        }
    }
}

/// The cells of a tile with zeros where it reaches over the border.
#[inline(never)]
fn with_border(cells: &[[f32; LANES]], g: &Conv, row: usize, column: usize) -> [[[f32; LANES]; INPUTS]; INPUTS] {
    let [_, height, width] = &g.axes;
    let mut tile = [[[0.0; LANES]; INPUTS]; INPUTS];
    for (i, line) in tile.iter_mut().enumerate() {
        let Some(h) = (row + i).checked_sub(height.padding[0]).filter(|h| *h < height.input) else { continue };
        for (j, cell) in line.iter_mut().enumerate() {
            if let Some(w) = (column + j).checked_sub(width.padding[0]).filter(|w| *w < width.input) {
                *cell = cells[h * width.input + w];
            }
        }
    }
    tile
}

/// Bᵀ d, a column of d at a time.
#[inline(always)]
fn transform_columns<'a, S: Simd>(
    simd: S,
    line: impl Fn(usize) -> &'a [[f32; LANES]; INPUTS],
) -> [[S::Vector; INPUTS]; INPUTS] {
    let lines: [_; INPUTS] = core::array::from_fn(line);
    let mut e = [[simd.splat(0.0); INPUTS]; INPUTS];
    for j in 0..INPUTS {
        let column = transform(simd, lines.map(|line| simd.load(&line[j])));
        for i in 0..INPUTS {
            e[i][j] = column[i];
        }
    }
    e
}

/// Bᵀ d for a vector d.
#[inline(always)]
fn transform<S: Simd>(simd: S, d: [S::Vector; INPUTS]) -> [S::Vector; INPUTS] {
    let (two, four, five) = (simd.splat(2.0), simd.splat(4.0), simd.splat(-5.0));
    let minus_four = simd.splat(-4.0);
    let outer = |a, b, c| simd.multiply_add(five, b, simd.multiply_add(four, a, c));
    let (even, odd) = (simd.multiply_add(minus_four, d[2], d[4]), simd.multiply_add(minus_four, d[1], d[3]));
    let (far_even, far_odd) = (simd.subtract(d[4], d[2]), simd.multiply(two, simd.subtract(d[3], d[1])));
    [
        outer(d[0], d[2], d[4]),
        simd.add(even, odd),
        simd.subtract(even, odd),
        simd.add(far_even, far_odd),
        simd.subtract(far_even, far_odd),
        outer(d[1], d[3], d[5]),
    ]
}

/// Products and outputs for blocks of output channels.
struct Outputs<'a> {
    winograd: &'a Winograd<'a>,
    tiles: Range<usize>,
    blocks: Range<usize>,
    v: &'a [f32],
    m: &'a mut [f32],
}

impl Kernel for Outputs<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { winograd, tiles, blocks, v, m } = self;
        for first in blocks.clone().step_by(TOGETHER) {
            let together = first..blocks.end.min(first + TOGETHER);
            products(simd, winograd, tiles.len(), together.clone(), v, m);
            for (index, block) in together.clone().enumerate() {
                outputs(simd, winograd, tiles.clone(), block, [index, together.len()], m);
            }
        }
    }
}

/// M ← U V, 36 times: m `[36][blocks][chunk][16]`.
#[inline(always)]
fn products<S: Simd>(simd: S, winograd: &Winograd, tiles: usize, blocks: Range<usize>, v: &[f32], m: &mut [f32]) {
    let Winograd { g, chunk, weight, .. } = *winograd;
    let of_block = chunk * LANES;
    let m = Shared::new(&mut m[..PRODUCTS * blocks.len() * of_block]);
    for product in 0..PRODUCTS {
        let weights = (product * g.out_channels + blocks.start * LANES) * g.in_channels;
        let tiles = Tiles {
            patch: Patch::point([g.in_channels / LANES, PRODUCTS * of_block]),
            input: &v[product * of_block..],
            input_row: 0,
            weight: &weight[weights..][..blocks.len() * LANES * g.in_channels],
            weight_block: LANES * g.in_channels,
            start: Start::Zero,
            output: &m,
            target: Target {
                first: product * blocks.len() * of_block,
                block: of_block,
                row: 0,
                position: LANES,
                lane: 1,
                channels: blocks.len() * LANES,
            },
            rows: 1,
            width: tiles,
            blocks: blocks.len(),
            activation: None,
        };
        // SAFETY: `m` is this function's alone.
        unsafe { tiles.run::<S, LANES>(simd) };
    }
}

/// Output ← activation(Aᵀ M A + bias) for a block of channels, the `index`-th of `together` in M.
#[inline(always)]
fn outputs<S: Simd>(
    simd: S,
    winograd: &Winograd,
    tiles: Range<usize>,
    block: usize,
    [index, together]: [usize; 2],
    m: &[f32],
) {
    let Winograd { g, chunk, bias, activation, output, .. } = *winograd;
    let [_, height, width] = &g.axes;
    let bias = simd.load(bias[block * LANES..].first_chunk().expect("the bias is whole blocks"));
    let m = &m.as_chunks::<LANES>().0[index * chunk..];
    for (q, tile) in tiles.enumerate() {
        let [sample, row, column] = winograd.place(tile);
        let mut e = [[bias; INPUTS]; OUTPUTS];
        for j in 0..INPUTS {
            let line = core::array::from_fn(|i| simd.load(&m[(i * INPUTS + j) * together * chunk + q]));
            let sums = gather(simd, line);
            for i in 0..OUTPUTS {
                e[i][j] = sums[i];
            }
        }
        let plane = (sample * g.out_channels / LANES + block) * output_cells(&g.axes);
        for (i, e) in e.into_iter().enumerate().take(height.output - row) {
            let mut y = [gather(simd, e).map(|y| simd.add(y, bias))];
            activate(simd, activation, &mut y);
            let first = (plane + (row + i) * width.output + column) * LANES;
            let columns = OUTPUTS.min(width.output - column);
            // SAFETY: each tile of a block of channels is computed once, and no two have an output in common.
            let to = unsafe { output.slice(first..first + columns * LANES) };
            for (to, y) in to.as_chunks_mut().0.iter_mut().zip(y[0]) {
                simd.store(y, to);
            }
        }
    }
}

/// Aᵀ m for a vector m.
#[inline(always)]
fn gather<S: Simd>(simd: S, m: [S::Vector; INPUTS]) -> [S::Vector; OUTPUTS] {
    let (near, near_odd) = (simd.add(m[1], m[2]), simd.subtract(m[1], m[2]));
    let (far, far_odd) = (simd.add(m[3], m[4]), simd.subtract(m[3], m[4]));
    [
        simd.add(simd.add(m[0], near), far),
        simd.multiply_add(simd.splat(2.0), far_odd, near_odd),
        simd.multiply_add(simd.splat(4.0), far, near),
        simd.add(simd.multiply_add(simd.splat(8.0), far_odd, near_odd), m[5]),
    ]
}
