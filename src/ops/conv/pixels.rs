//! Convolution with stride 1 and neighbouring positions in lanes, straight from the input: for few output channels.
//!
//! What [`lanes`](super::lanes) is for channels that fill vectors this is for rows that do: a tile is a few output channels
//! × a few vectors of a row, or of a few rows; for each tap it loads its vectors from where the tap lies, and
//! broadcasts against them the weights of its channels. The first convolution of a small network is one of these, and the
//! gradient of the input of its second.

mod tile;

use core::ops::Range;

use super::is_depthwise;
use super::lanes::Kernels;
use super::regions::{self, Input, Strip, is_flat};
use crate::ops::geometry::{Conv, kernel_cells, output_cells};
use crate::simd::{Isa, LANES};
use tile::{MOST, Tiles, most_channels};

/// One sample with its border has at most so much: 64 Ki floats · 4 bytes = 256 KiB, a share of a second-level cache.
const BORDERED: usize = 64 * 1024;

/// Whether rows fill at least three quarters of the lanes, and a sample fits.
const fn is_full(g: &Conv) -> bool {
    let width = g.axes[2].output;
    is_flat(g)
        && !is_depthwise(g)
        && g.axes[1].stride == 1
        && g.axes[2].stride == 1
        && g.axes[1].output > 0
        && width * 4 >= width.div_ceil(LANES) * LANES * 3
        && width > 0
        && bordered(g) <= BORDERED
}

/// Floats of all channels of a group with their border, and of what a vector reads behind the end.
const fn bordered(g: &Conv) -> usize {
    regions::copied_floats(g, g.in_channels / g.groups, [1, g.axes[1].output, g.axes[2].output]).saturating_add(LANES)
}

/// Whether this is the way for a convolution, with these instructions and so much scratch.
pub(super) fn fits(g: &Conv, isa: Isa, scratch: usize) -> bool {
    is_full(g) && isa != Isa::PORTABLE && scratch >= part_floats(g)
}

/// Scratch of one part, in floats: one sample with its border, and turned weights; 0 if this is not the way.
pub(super) const fn part_floats(g: &Conv) -> usize {
    if is_full(g) { g.taps().saturating_mul(MOST).saturating_add(bordered(g)) } else { 0 }
}

/// output += weight ∗ input for some samples: input `[N, C_in, H, W]`, output `[N, C_out, H', W']`; scratch of
/// [`part_floats`]. LOOP 4 over groups, LOOP 3 over samples, LOOP 2 over output channels, LOOP 1 over tiles of positions.
pub(super) fn accumulate(
    g: &Conv,
    isa: Isa,
    input: &[f32],
    (weight, kernels): (&[f32], Kernels),
    output: &mut [f32],
    scratch: &mut [f32],
) {
    let (in_channels, out_channels) = (g.in_channels / g.groups, g.out_channels / g.groups);
    let (cells, most) = (output_cells(&g.axes), most_channels(isa.registers()));
    let (turned, bordered) = scratch.split_at_mut(g.taps() * MOST);
    let input = Input { g, values: input };
    for group in 0..g.groups {
        for first in (0..out_channels).step_by(most) {
            let outputs = first..out_channels.min(first + most);
            let turned = &mut turned[..g.taps() * most];
            turn(g, (weight, kernels), group, outputs.clone(), most, turned);
            for (sample, output) in output.chunks_exact_mut(g.output_len()).enumerate() {
                let strip =
                    Strip { samples: sample..sample + 1, rows: 0..g.axes[1].output, columns: 0..g.axes[2].output };
                let patches = input.copied(group, 0..in_channels, &strip, LANES, bordered);
                let tiles = Tiles {
                    axes: [&g.axes[1], &g.axes[2]],
                    patches,
                    channels: in_channels,
                    weights: turned,
                    output: &mut output[(group * out_channels + outputs.start) * cells..][..outputs.len() * cells],
                };
                isa.run(tiles, Tiles::run_plain);
            }
        }
    }
}

/// Weights of some outputs → `[taps][most]`; those beyond the last output repeat it.
fn turn(
    g: &Conv,
    (weight, kernels): (&[f32], Kernels),
    group: usize,
    outputs: Range<usize>,
    most: usize,
    turned: &mut [f32],
) {
    let (in_channels, out_channels, kernel) =
        (g.in_channels / g.groups, g.out_channels / g.groups, kernel_cells(&g.axes));
    let weight = &weight[group * in_channels * out_channels * kernel..][..in_channels * out_channels * kernel];
    for (tap, turned) in turned.chunks_exact_mut(most).enumerate() {
        let (c, tap) = (tap / kernel, tap % kernel);
        for (m, to) in turned.iter_mut().enumerate() {
            let output = (outputs.start + m).min(outputs.end - 1);
            *to = match kernels {
                Kernels::Forward => weight[(output * in_channels + c) * kernel + tap],
                Kernels::Transposed => weight[(c * out_channels + output) * kernel + kernel - 1 - tap],
            };
        }
    }
}
