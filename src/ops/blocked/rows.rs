//! Convolutions with few output channels, planar to planar: vectors of sixteen neighbouring positions instead of sixteen
//! channels, of which most would be empty.
//!
//! Up to M output channels × V vectors of positions stay in registers; each tap is V loads of the input and M broadcast
//! weights. Cells are always copied to a strip ([`strip`](super::strip)), which makes neighbours of a strided row neighbours,
//! and behind whose end a vector may read: what it computes there is not stored.
#![allow(unsafe_code)]

use core::ops::Range;

use super::strip::Strips;
use super::tiles::{activate, finish};
use crate::arena::Shared;
use crate::ops::Activation;
use crate::ops::activation::Epilogue;
use crate::ops::geometry::{Conv, input_cells, output_cells};
use crate::simd::{Isa, Kernel, LANES, Simd};
use crate::threads;

/// A strip is no longer, unless one row of the output needs more: 64 Ki floats · 4 bytes = 256 KiB.
const BUDGET: usize = 64 * 1024;

/// Output channels that are computed together at most; 6 · 4 sums are 24 of 32 registers.
const CHANNELS: usize = 6;

/// The same where registers are few: 3 · 4 sums are 12 of 16.
const FEW_CHANNELS: usize = 3;

/// Output channels that are computed together at most with these instructions.
const fn channels_at_once<S: Simd>() -> usize {
    if S::REGISTERS >= 8 { CHANNELS } else { FEW_CHANNELS }
}

/// Values of a packed weight: for each group `[taps][C_out / groups]`, then the bias `[C_out]`.
pub const fn packed_floats(g: &Conv) -> usize {
    g.weight_len().saturating_add(g.out_channels)
}

/// Packs weight `[C_out, C_in / groups, K_d, K_h, K_w]` and bias `[C_out]`, or none.
pub const fn pack(g: &Conv, weight: &[f32], bias: &[f32], packed: &mut [f32]) {
    assert!(packed.len() == packed_floats(g), "the packed weight has packed_floats values");
    let (taps, of_group) = (g.taps(), g.out_channels / g.groups);
    let mut output = 0;
    while output < g.out_channels {
        let (group, own) = (output / of_group, output % of_group);
        let mut tap = 0;
        while tap < taps {
            packed[(group * taps + tap) * of_group + own] = weight[output * taps + tap];
            tap += 1;
        }
        packed[g.weight_len() + output] = if bias.is_empty() { 0.0 } else { bias[output] };
        output += 1;
    }
}

/// Scratch that [`forward`] needs on one thread, in floats: a strip, and what the last vector reads beyond it.
pub const fn scratch_floats(g: &Conv) -> usize {
    Strips::new(g, BUDGET).floats(g) + 4 * LANES
}

/// output ← activation(weight ∗ input + bias): planar to planar.
#[allow(clippy::too_many_arguments)]
pub fn forward(
    g: &Conv,
    batch: usize,
    input: &[f32],
    packed: &[f32],
    epilogue: impl Epilogue,
    output: &mut [f32],
    scratch: &mut [f32],
    isa: Isa,
) {
    let activation = epilogue.activation();
    assert_eq!(input.len(), batch * g.input_len(), "the input is [N, C_in, D, H, W]");
    assert_eq!(output.len(), batch * g.output_len(), "the output is [N, C_out, D', H', W']");
    assert_eq!(packed.len(), packed_floats(g), "the packed weight has packed_floats values");
    let (strips, floats) = (Strips::new(g, BUDGET), scratch_floats(g));
    assert!(scratch.len() >= floats, "the scratch needs {floats} floats");
    let of_depth = g.axes[1].output.div_ceil(strips.rows);
    let pieces = batch * g.groups * g.axes[0].output * of_depth;
    let workers = threads::worth(batch * g.output_len() * g.taps(), pieces).min(scratch.len() / floats);
    let shared = Shared::new(output);
    threads::share_out(0..pieces, workers, scratch, floats, &|pieces, scratch| {
        isa.run_everywhere(Pieces { g, strips, input, packed, activation, output: &shared, pieces, scratch });
    });
    finish(epilogue, output);
}

/// Some of the strips `[N][groups][D'][strips]`.
struct Pieces<'a> {
    g: &'a Conv,
    strips: Strips,
    input: &'a [f32],
    packed: &'a [f32],
    activation: Option<Activation>,
    output: &'a Shared<'a>,
    pieces: Range<usize>,
    scratch: &'a mut [f32],
}

impl Kernel for Pieces<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let g = self.g;
        let [depth, height, width] = &g.axes;
        let of_depth = height.output.div_ceil(self.strips.rows);
        let (channels, outputs) = (g.in_channels / g.groups, g.out_channels / g.groups);
        let (cells, positions) = (channels * input_cells(&g.axes), output_cells(&g.axes));
        let (weights, biases) = self.packed.split_at(g.weight_len());
        for piece in self.pieces.clone() {
            let (rest, first) = (piece / of_depth, piece % of_depth * self.strips.rows);
            let (plane, d) = (rest / depth.output, rest % depth.output);
            let rows = self.strips.rows.min(height.output - first);
            self.strips.copy::<1>(g, &self.input[plane * cells..][..cells], [d, first, rows], self.scratch);
            let (patch, input_row) = self.strips.patch(g, rows, 1);
            let group = plane % g.groups;
            for row in 0..rows {
                let line = (d * height.output + first + row) * width.output;
                for output in (0..outputs).step_by(channels_at_once::<S>()) {
                    let line = Line {
                        taps: [patch.blocks, patch.depth, patch.height],
                        width: patch.width,
                        phases: patch.phases,
                        step: patch.step,
                        input: &self.scratch[row * input_row..],
                        weight: &weights[group * g.taps() * outputs + output..],
                        weight_row: outputs,
                        bias: &biases[group * outputs + output..],
                        activation: self.activation,
                        output: self.output,
                        first: (plane * outputs + output) * positions + line,
                        channel: positions,
                        positions: width.output,
                    };
                    line.run(simd, channels_at_once::<S>().min(outputs - output));
                }
            }
        }
    }
}

/// A row of the output of a few channels.
struct Line<'a> {
    /// Input channels, taps along depth, along height: how many, and floats from one to the next.
    taps: [[usize; 2]; 3],
    width: usize,
    phases: [usize; 2],
    step: [usize; 2],
    input: &'a [f32],
    weight: &'a [f32],
    weight_row: usize,
    bias: &'a [f32],
    activation: Option<Activation>,
    output: &'a Shared<'a>,
    first: usize,
    channel: usize,
    positions: usize,
}

/// So many channels, so many vectors, from a position on.
struct Tile<'l, 'a, const M: usize, const V: usize>(&'l Line<'a>, usize);

impl Line<'_> {
    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, channels: usize) {
        // A vector for each channel is more than there are registers: one channel at a time.
        for m in 0..if S::REGISTERS < 4 { channels } else { 0 } {
            let first = self.first + m * self.channel;
            let line = Line { weight: &self.weight[m..], bias: &self.bias[m..], first, ..*self };
            for position in (0..self.positions).step_by(LANES) {
                simd.apart(Tile::<1, 1>(&line, position));
            }
        }
        if S::REGISTERS < 4 {
            return;
        }
        let most = if S::REGISTERS >= 32 { 4 } else { 1 };
        let vectors = self.positions.div_ceil(LANES);
        let mut vector = 0;
        while vector < vectors {
            let count = (vectors - vector).min(most);
            macro_rules! sizes {
                ($($m:literal)+) => {
                    match (channels, count) {
                        $(($m, 1) if $m <= channels_at_once::<S>() => simd.apart(Tile::<$m, 1>(self, vector * LANES)),
                        ($m, 2) if S::REGISTERS >= 32 => simd.apart(Tile::<$m, 2>(self, vector * LANES)),
                        ($m, _) if S::REGISTERS >= 32 => simd.apart(Tile::<$m, 4>(self, vector * LANES)),)+
                        _ => unreachable!("no tile has more channels"),
                    }
                };
            }
            sizes!(1 2 3 4 5 6);
            vector += count;
        }
    }
}

impl<const M: usize, const V: usize> Kernel for Tile<'_, '_, M, V> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self(line, position) = self;
        let mut sums = [[simd.splat(0.0); V]; M];
        for m in 0..M {
            sums[m] = [simd.splat(line.bias[m]); V];
        }
        let mut weight = 0;
        for c in 0..line.taps[0][0] {
            for d in 0..line.taps[1][0] {
                for h in 0..line.taps[2][0] {
                    let row = position + c * line.taps[0][1] + d * line.taps[1][1] + h * line.taps[2][1];
                    let (mut column, mut phase) = (0, 0);
                    for _ in 0..line.width {
                        let cells: &[[f32; LANES]; V] = line.input[row + phase * line.phases[1] + column..]
                            [..V * LANES]
                            .as_chunks()
                            .0
                            .first_chunk()
                            .expect("the strip goes on behind its end");
                        let weights: &[f32; M] =
                            line.weight[weight..].first_chunk().expect("a weight for each channel");
                        for v in 0..V {
                            let cells = simd.load(&cells[v]);
                            for m in 0..M {
                                sums[m][v] = simd.multiply_add(simd.splat(weights[m]), cells, sums[m][v]);
                            }
                        }
                        weight += line.weight_row;
                        (column, phase) = (column + line.step[0], phase + line.step[1]);
                        if phase >= line.phases[0] {
                            (column, phase) = (column + 1, phase - line.phases[0]);
                        }
                    }
                }
            }
        }
        activate(simd, line.activation, &mut sums);
        for m in 0..M {
            let count = (line.positions - position).min(V * LANES);
            let first = line.first + m * line.channel + position;
            // SAFETY: every row of a channel is computed by one share.
            let to = unsafe { line.output.slice(first..first + count) };
            for v in 0..V {
                simd.store_first(sums[m][v], &mut to[(v * LANES).min(count)..]);
            }
        }
    }
}
