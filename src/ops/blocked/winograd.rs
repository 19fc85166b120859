//! Winograd's convolutions F(6×6, 3×3), F(4×4, 3×3) and F(2×2, 3×3): 3×3 windows at stride 1, blocked values.
//!
//! > Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A
//!
//! A tile of 4×4 outputs comes from 6×6 inputs d by 36 products instead of 144, one of 2×2 outputs from 4×4 inputs by 16
//! instead of 36, one of 6×6 outputs from 8×8 inputs by 64 instead of 324[^lavin]. Over channels the products are 36, or 16, or
//! 64, matrix products `[tiles, C_in]` × `[C_in, C_out]`, which [`tiles`](super::tiles) computes as if they were 1×1 convolutions;
//! G g Gᵀ is made when the network is prepared: 4 times the weight's floats, or 1.8, or 7.1. The small tile is for small
//! images, where less of it lies beyond the border and the weight, read once for few tiles, is most of the memory that is
//! touched; the large one for large images. The points are 0, ±1, ±2 and ∞. F(2×2) has no ±2, and its Bᵀ is
//! (1, 0, −1, 0), (0, 1, 1, 0), (0, −1, 1, 0), (0, −1, 0, 1); F(6×6) has ±½ as well, with the matrices of wincnn and ncnn. Those
//! of F(4×4) are
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
//! with 512, in tiles of 6×6 by 7.7e-6 with 64 and 2.0e-5 with 256, which the tests measure and hold.
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

use super::tiles::{Floats, Patch, Start, Target, Tiles, activate, finish};
use crate::arena::Shared;
use crate::ops::Activation;
use crate::ops::geometry::{Conv, output_cells};
use crate::simd::{Isa, Kernel, LANES, Simd};
use crate::threads;

/// Inputs of a tile of so many outputs along each axis, and their square: how many matrix products there are.
const fn products_of(outputs: usize) -> usize {
    (outputs + 2) * (outputs + 2)
}

/// V of a chunk has at most 1 Mi floats · 4 bytes = 4 MiB: with 512 channels 56 tiles, four times as many positions as the
/// microkernel's widest tile.
const TRANSFORMED: usize = 1 << 20;

/// No chunk has more tiles: 8 of the microkernel's widest. With 64 channels V is then 1 MiB.
const LONGEST: usize = 112;

/// Blocks of output channels whose products lie in M together: each row of V, read from the second-level cache, serves all.
const TOGETHER: usize = 4;

/// Values of a packed weight: `[36 or 16][C_out / 16][C_in / 16][16][16]`, then the bias `[C_out]`.
pub const fn packed_floats(g: &Conv, outputs: usize) -> usize {
    let matrix = g.in_channels.saturating_mul(g.out_channels);
    products_of(outputs).saturating_mul(matrix).saturating_add(g.out_channels)
}

/// Packs weight `[C_out, C_in, 3, 3]` and bias `[C_out]`, or none, for tiles of so many outputs along each axis, 4 or 2.
pub const fn pack(g: &Conv, outputs: usize, weight: &[f32], bias: &[f32], packed: &mut [f32]) {
    assert!(packed.len() == packed_floats(g, outputs), "the packed weight has packed_floats values");
    let (matrix, inputs) = (g.in_channels * g.out_channels, outputs + 2);
    let points: &[[f64; 3]] = match outputs {
        6 => &G6,
        4 => &G4,
        _ => &G2,
    };
    let mut output = 0;
    while output < g.out_channels {
        let mut input = 0;
        while input < g.in_channels {
            let kernel = weight.split_at((output * g.in_channels + input) * 9).1;
            let place = (output / LANES * g.in_channels + input) * LANES + output % LANES;
            let mut product = 0;
            while product < inputs * inputs {
                let value = transform_kernel(kernel, points[product / inputs], points[product % inputs]);
                packed[product * matrix + place] = value as f32;
                product += 1;
            }
            input += 1;
        }
        packed[inputs * inputs * matrix + output] = if bias.is_empty() { 0.0 } else { bias[output] };
        output += 1;
    }
}

/// G of F(6×6), F(4×4) and F(2×2).
const G6: [[f64; 3]; 8] = [
    [1.0, 0.0, 0.0],
    [-2.0 / 9.0, -2.0 / 9.0, -2.0 / 9.0],
    [-2.0 / 9.0, 2.0 / 9.0, -2.0 / 9.0],
    [1.0 / 90.0, 1.0 / 45.0, 2.0 / 45.0],
    [1.0 / 90.0, -1.0 / 45.0, 2.0 / 45.0],
    [32.0 / 45.0, 16.0 / 45.0, 8.0 / 45.0],
    [32.0 / 45.0, -16.0 / 45.0, 8.0 / 45.0],
    [0.0, 0.0, 1.0],
];
const G4: [[f64; 3]; 6] = [
    [1.0 / 4.0, 0.0, 0.0],
    [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
    [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
    [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
    [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
    [0.0, 0.0, 1.0],
];
const G2: [[f64; 3]; 4] = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]];

/// One value of G g Gᵀ, in f64: `down` and `across` are rows of G.
const fn transform_kernel(kernel: &[f32], down: [f64; 3], across: [f64; 3]) -> f64 {
    let mut sum = 0.0;
    let mut tap = 0;
    while tap < 9 {
        sum += down[tap / 3] * across[tap % 3] * kernel[tap] as f64;
        tap += 1;
    }
    sum
}

/// Tiles of one sample, down and across.
const fn tiles_of_sample(g: &Conv, outputs: usize) -> [usize; 2] {
    [g.axes[1].output.div_ceil(outputs), g.axes[2].output.div_ceil(outputs)]
}

/// Tiles of a chunk, where there are so many.
const fn chunk(g: &Conv, outputs: usize, tiles: usize) -> usize {
    let fits = TRANSFORMED / (products_of(outputs) * g.in_channels);
    let longest = if fits < LONGEST { fits } else { LONGEST };
    let longest = if longest == 0 { 1 } else { longest };
    // All of nearly one length.
    tiles.div_ceil(tiles.div_ceil(longest))
}

/// Floats of V and of M for a chunk of so many tiles.
const fn buffers(g: &Conv, outputs: usize, chunk: usize) -> [usize; 2] {
    let together = if g.out_channels / LANES < TOGETHER { g.out_channels / LANES } else { TOGETHER };
    let products = products_of(outputs);
    [products * g.in_channels * chunk, products * together * LANES * chunk]
}

/// Scratch that [`forward`] needs for so many samples on one thread, in floats.
pub const fn scratch_floats(g: &Conv, outputs: usize, batch: usize) -> usize {
    let [down, across] = tiles_of_sample(g, outputs);
    let [v, m] = buffers(g, outputs, chunk(g, outputs, down.saturating_mul(across).saturating_mul(batch)));
    v + m
}

/// output ← activation(weight ∗ input + bias), blocked to blocked, in tiles of so many outputs along each axis, 4 or 2; on
/// as many threads as `scratch` is long enough for.
#[allow(clippy::too_many_arguments)]
pub fn forward(
    g: &Conv,
    outputs: usize,
    batch: usize,
    input: &[f32],
    packed: &[f32],
    activation: Option<Activation>,
    output: &mut [f32],
    scratch: &mut [f32],
    isa: Isa,
) {
    match outputs {
        6 => forward_tiles::<8, 6>(g, batch, input, packed, activation, output, scratch, isa),
        4 => forward_tiles::<6, 4>(g, batch, input, packed, activation, output, scratch, isa),
        2 => forward_tiles::<4, 2>(g, batch, input, packed, activation, output, scratch, isa),
        _ => panic!("there are tiles of 6, of 4 and of 2 outputs, not of {outputs}"),
    }
}

/// Tiles of I×I inputs and O×O outputs.
#[allow(clippy::too_many_arguments)]
fn forward_tiles<const I: usize, const O: usize>(
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
    assert_eq!(packed.len(), packed_floats(g, O), "the packed weight has packed_floats values");
    let [down, across] = tiles_of_sample(g, O);
    let total = batch * down * across;
    // A scratch that was made for one sample has shorter chunks than there could be.
    let mut chunk = chunk(g, O, total);
    while buffers(g, O, chunk).iter().sum::<usize>() > scratch.len() {
        assert!(chunk > 1, "the scratch needs {} floats", scratch_floats(g, O, 1));
        chunk -= 1;
    }
    let (matrix, shared) = (g.in_channels * g.out_channels, Shared::new(output));
    let (weight, bias) = packed.split_at(I * I * matrix);
    let winograd =
        Winograd { g, across, of_sample: down * across, chunk, input, weight, bias, activation, output: &shared };
    let chunks = total.div_ceil(chunk);
    let [v, m] = buffers(g, O, chunk);
    let workers = threads::worth(batch * g.output_len() * g.taps(), usize::MAX).min(scratch.len() / (v + m));
    let tiles = |index: usize| index * chunk..total.min((index + 1) * chunk);
    if chunks >= 2 * workers {
        threads::share_out(0..chunks, workers, scratch, v + m, &|chunks, scratch| {
            let (v, m) = scratch.split_at_mut(v);
            for tiles in chunks.map(tiles) {
                isa.run_everywhere(Inputs::<I, O> {
                    winograd: &winograd,
                    tiles: tiles.clone(),
                    blocks: 0..g.in_channels / LANES,
                    v,
                });
                isa.run_everywhere(Outputs::<I, O> {
                    winograd: &winograd,
                    tiles,
                    blocks: 0..g.out_channels / LANES,
                    v,
                    m,
                });
            }
        });
    } else {
        // Few chunks: all threads work at one, first on blocks of its input, then on blocks of its output.
        let (v, m_of_all) = scratch.split_at_mut(v);
        for tiles in (0..chunks).map(tiles) {
            let shared_v = Shared::new(v);
            threads::share_out(0..g.in_channels / LANES, workers, &mut [], 0, &|blocks, _| {
                let floats = I * I * chunk * LANES;
                // SAFETY: each block of input channels is one share's, and so is its part of V.
                let v = unsafe { shared_v.slice(blocks.start * floats..blocks.end * floats) };
                isa.run_everywhere(Inputs::<I, O> { winograd: &winograd, tiles: tiles.clone(), blocks, v });
            });
            threads::share_out(0..g.out_channels / LANES, workers, m_of_all, m, &|blocks, m| {
                isa.run_everywhere(Outputs::<I, O> { winograd: &winograd, tiles: tiles.clone(), blocks, v, m });
            });
        }
    }
    finish(activation, output);
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
    fn place<const O: usize>(&self, tile: usize) -> [usize; 3] {
        let (sample, tile) = (tile / self.of_sample, tile % self.of_sample);
        [sample, tile / self.across * O, tile % self.across * O]
    }
}

/// V ← Bᵀ d B for blocks of input channels: v `[blocks][I²][chunk][16]`.
struct Inputs<'a, const I: usize, const O: usize> {
    winograd: &'a Winograd<'a>,
    tiles: Range<usize>,
    blocks: Range<usize>,
    v: &'a mut [f32],
}

impl<const I: usize, const O: usize> Kernel for Inputs<'_, I, O> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Winograd { g, chunk, input, .. } = *self.winograd;
        let [_, height, width] = &g.axes;
        let (plane, of_block) = (height.input * width.input, (I * I) * chunk * LANES);
        let (cells, channels) = (input.as_chunks::<LANES>().0, g.in_channels / LANES);
        for (block, v) in self.blocks.zip(self.v.chunks_exact_mut(of_block)) {
            let v = v.as_chunks_mut::<LANES>().0;
            for (q, tile) in self.tiles.clone().enumerate() {
                let [sample, row, column] = self.winograd.place::<O>(tile);
                let cells = &cells[(sample * channels + block) * plane..][..plane];
                let (top, left) = (row.checked_sub(height.padding[0]), column.checked_sub(width.padding[0]));
                let e = match (top, left) {
                    (Some(top), Some(left)) if top + I <= height.input && left + I <= width.input => {
                        transform_columns(simd, |i| {
                            cells[(top + i) * width.input + left..].first_chunk().expect("the tile is inside")
                        })
                    }
                    _ => {
                        let tile = with_border::<I>(cells, g, row, column);
                        transform_columns(simd, |i| &tile[i])
                    }
                };
                for (i, e) in e.into_iter().enumerate() {
                    for (j, value) in transform(simd, e).into_iter().enumerate() {
                        simd.store(value, &mut v[(i * I + j) * chunk + q]);
                    }
                }
            }
        }
    }
}

/// The cells of a tile with zeros where it reaches over the border.
#[inline(never)]
fn with_border<const I: usize>(cells: &[[f32; LANES]], g: &Conv, row: usize, column: usize) -> [[[f32; LANES]; I]; I] {
    let [_, height, width] = &g.axes;
    let mut tile = [[[0.0; LANES]; I]; I];
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
fn transform_columns<'a, S: Simd, const I: usize>(
    simd: S,
    line: impl Fn(usize) -> &'a [[f32; LANES]; I],
) -> [[S::Vector; I]; I] {
    let lines: [_; I] = core::array::from_fn(line);
    let mut e = [[simd.splat(0.0); I]; I];
    for j in 0..I {
        let column = transform(simd, lines.map(|line| simd.load(&line[j])));
        for i in 0..I {
            e[i][j] = column[i];
        }
    }
    e
}

/// Bᵀ d for a vector d.
#[inline(always)]
fn transform<S: Simd, const I: usize>(simd: S, d: [S::Vector; I]) -> [S::Vector; I] {
    let mut e = d;
    if I == 4 {
        e[0] = simd.subtract(d[0], d[2]);
        e[1] = simd.add(d[1], d[2]);
        e[2] = simd.subtract(d[2], d[1]);
        e[3] = simd.subtract(d[3], d[1]);
        return e;
    }
    if I == 8 {
        return transform_eight(simd, d);
    }
    let (four, minus_four, minus_five) = (simd.splat(4.0), simd.splat(-4.0), simd.splat(-5.0));
    let (even, odd) = (simd.multiply_add(minus_four, d[2], d[4]), simd.multiply_add(minus_four, d[1], d[3]));
    let (far_even, far_odd) = (simd.subtract(d[4], d[2]), simd.subtract(d[3], d[1]));
    let far_odd = simd.add(far_odd, far_odd);
    e[0] = simd.multiply_add(minus_five, d[2], simd.multiply_add(four, d[0], d[4]));
    e[1] = simd.add(even, odd);
    e[2] = simd.subtract(even, odd);
    e[3] = simd.add(far_even, far_odd);
    e[4] = simd.subtract(far_even, far_odd);
    e[5] = simd.multiply_add(minus_five, d[3], simd.multiply_add(four, d[1], d[5]));
    e
}

/// The same for F(6×6).
#[inline(always)]
fn transform_eight<S: Simd, const I: usize>(simd: S, d: [S::Vector; I]) -> [S::Vector; I] {
    let mut e = d;
    let far = simd.splat(5.25);
    e[0] = simd.multiply_add(far, simd.subtract(d[4], d[2]), simd.subtract(d[0], d[6]));
    e[7] = simd.multiply_add(far, simd.subtract(d[3], d[5]), simd.subtract(d[7], d[1]));
    // Even and odd parts at ±1, ±2 and ±½: the first three factors are those of d₂, d₄, d₆, the others those of d₁, d₃, d₅.
    let pairs = [
        (1, [1.0, -4.25], [1.0, -4.25, 1.0]),
        (3, [0.25, -1.25], [0.5, -2.5, 2.0]),
        (5, [4.0, -5.0], [2.0, -2.5, 0.5]),
    ];
    for (place, even, odd) in pairs {
        let sum = simd.multiply_add(simd.splat(even[1]), d[4], d[6]);
        let even = simd.multiply_add(simd.splat(even[0]), d[2], sum);
        let sum = simd.multiply_add(simd.splat(odd[1]), d[3], simd.multiply(simd.splat(odd[2]), d[5]));
        let odd = simd.multiply_add(simd.splat(odd[0]), d[1], sum);
        e[place] = simd.add(even, odd);
        e[place + 1] = simd.subtract(even, odd);
    }
    e
}

/// Products and outputs for blocks of output channels.
struct Outputs<'a, const I: usize, const O: usize> {
    winograd: &'a Winograd<'a>,
    tiles: Range<usize>,
    blocks: Range<usize>,
    v: &'a [f32],
    m: &'a mut [f32],
}

impl<const I: usize, const O: usize> Kernel for Outputs<'_, I, O> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { winograd, tiles, blocks, v, m } = self;
        for first in blocks.clone().step_by(TOGETHER) {
            let together = first..blocks.end.min(first + TOGETHER);
            products::<S, I>(simd, winograd, tiles.len(), together.clone(), v, m);
            for (index, block) in together.clone().enumerate() {
                outputs::<S, I, O>(simd, winograd, tiles.clone(), block, [index, together.len()], m);
            }
        }
    }
}

/// M ← U V, I² times: m `[I²][blocks][chunk][16]`.
#[inline(always)]
fn products<S: Simd, const I: usize>(
    simd: S,
    winograd: &Winograd,
    tiles: usize,
    blocks: Range<usize>,
    v: &[f32],
    m: &mut [f32],
) {
    let Winograd { g, chunk, weight, .. } = *winograd;
    let of_block = chunk * LANES;
    let m = Shared::new(&mut m[..(I * I) * blocks.len() * of_block]);
    for product in 0..(I * I) {
        let weights = (product * g.out_channels + blocks.start * LANES) * g.in_channels;
        let tiles = Tiles {
            patch: Patch::point([g.in_channels / LANES, (I * I) * of_block]),
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
        unsafe { tiles.run::<S, Floats<LANES>>(simd) };
    }
}

/// Output ← activation(Aᵀ M A + bias) for a block of channels, the `index`-th of `together` in M.
#[inline(always)]
fn outputs<S: Simd, const I: usize, const O: usize>(
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
        let [sample, row, column] = winograd.place::<O>(tile);
        let mut e = [[bias; I]; O];
        for j in 0..I {
            let line = core::array::from_fn(|i| simd.load(&m[(i * I + j) * together * chunk + q]));
            let sums = gather::<S, I, O>(simd, line);
            for i in 0..O {
                e[i][j] = sums[i];
            }
        }
        let plane = (sample * g.out_channels / LANES + block) * output_cells(&g.axes);
        for (i, e) in e.into_iter().enumerate().take(height.output - row) {
            let mut y = [gather::<S, I, O>(simd, e)];
            for x in 0..O {
                y[0][x] = simd.add(y[0][x], bias);
            }
            activate(simd, activation, &mut y);
            let first = (plane + (row + i) * width.output + column) * LANES;
            let columns = O.min(width.output - column);
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
fn gather<S: Simd, const I: usize, const O: usize>(simd: S, m: [S::Vector; I]) -> [S::Vector; O] {
    let mut y = [simd.splat(0.0); O];
    let (near, near_odd) = (simd.add(m[1], m[2]), simd.subtract(m[1], m[2]));
    if I == 4 {
        y[0] = simd.add(m[0], near);
        y[1] = simd.add(near_odd, m[3]);
        return y;
    }
    let (far, far_odd) = (simd.add(m[3], m[4]), simd.subtract(m[3], m[4]));
    if I == 8 {
        let (half, half_odd) = (simd.add(m[5], m[6]), simd.subtract(m[5], m[6]));
        y[0] = simd.add(simd.add(m[0], near), simd.add(far, half));
        let mut power = 1.0;
        for x in 1..O {
            power *= 2.0;
            let (near, far, half) = if x % 2 == 0 { (near, far, half) } else { (near_odd, far_odd, half_odd) };
            y[x] = simd.multiply_add(simd.splat(power), far, simd.multiply_add(simd.splat(1.0 / power), half, near));
        }
        y[O - 1] = simd.add(y[O - 1], m[7]);
        return y;
    }
    y[0] = simd.add(simd.add(m[0], near), far);
    y[1] = simd.multiply_add(simd.splat(2.0), far_odd, near_odd);
    y[2] = simd.multiply_add(simd.splat(4.0), far, near);
    y[3] = simd.add(simd.multiply_add(simd.splat(8.0), far_odd, near_odd), m[5]);
    y
}
