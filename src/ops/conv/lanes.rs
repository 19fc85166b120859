//! Convolution with output channels in lanes, straight from the input.
//!
//! > `O[o, x] += Σ_c Σ_t W[o, c, t] · I[c, x s + t d]`
//!
//! Weights are turned so that 16 output channels lie side by side, blocks of them that fit a second-level cache; then
//! all samples go by. No columns are written: a tile takes its positions' values from where they lie, see
//! [`regions`](super::regions). It pays where channels fill vectors, and where the scratch is large enough.
//!
//! The gradient of the input of a convolution with stride 1 is one of these, too: of ∂L/∂O, bordered with what the kernel
//! reaches beyond, with the kernel turned by 180° and the roles of the channels exchanged, [`transposed`].

mod tile;

use core::ops::Range;

use super::is_depthwise;
use super::regions::{self, Input, is_flat};
use crate::ops::geometry::{Axis, Conv, kernel_cells, output_cells};
use crate::simd::{Isa, LANES};
use tile::Tiles;
pub(super) use tile::{MOST_VECTORS, most_vectors};

/// Weights that are turned at a time: 64 Ki floats · 4 bytes = 256 KiB, a share of a second-level cache; the more, the
/// fewer times a tile goes back to the output.
const WEIGHTS: usize = 64 * 1024;

/// The input with its border, under a strip: another 128 KiB.
const BORDERED: usize = 32 * 1024;

/// Whether output channels fill at least three quarters of the lanes.
const fn is_full(g: &Conv) -> bool {
    let channels = g.out_channels / g.groups;
    is_flat(g) && !is_depthwise(g) && channels > 0 && channels * 4 >= channels.div_ceil(LANES) * LANES * 3
}

/// Whether this is the way for a convolution, with these instructions and so much scratch.
pub(super) fn fits(g: &Conv, isa: Isa, scratch: usize) -> bool {
    is_full(g) && isa != Isa::PORTABLE && scratch >= part_floats(g)
}

/// The convolution that gives the gradient of the input, if there is one.
pub(super) const fn transposed(g: &Conv) -> Option<Conv> {
    let [Some(depth), Some(height), Some(width)] =
        [transposed_axis(&g.axes[0]), transposed_axis(&g.axes[1]), transposed_axis(&g.axes[2])]
    else {
        return None;
    };
    let (in_channels, out_channels) = (g.out_channels, g.in_channels);
    Some(Conv { in_channels, out_channels, groups: g.groups, bias: false, axes: [depth, height, width] })
}

const fn transposed_axis(axis: &Axis) -> Option<Axis> {
    let reach = axis.kernel.saturating_sub(1) * axis.dilation;
    let [before, after] = axis.padding;
    if axis.stride != 1 || before > reach || after > reach || axis.output == 0 {
        return None;
    }
    Some(Axis { input: axis.output, output: axis.input, padding: [reach - before, reach - after], ..*axis })
}

/// Vectors of output channels that are turned at a time.
const fn vectors(g: &Conv) -> usize {
    let all = (g.out_channels / g.groups).div_ceil(LANES);
    if all < MOST_VECTORS { all } else { MOST_VECTORS }
}

/// Input channels whose weights are turned at a time, 1 at least.
const fn channels_at_once(g: &Conv) -> usize {
    let (all, fits) = (g.in_channels / g.groups, WEIGHTS / (vectors(g) * LANES * max(kernel_cells(&g.axes), 1)));
    if fits > all { max(all, 1) } else { all.div_ceil(all.div_ceil(max(fits, 1))) }
}

/// Positions of a strip at most: so many that the channels above them fit [`BORDERED`].
const fn positions(g: &Conv) -> usize {
    let cells = channels_at_once(g) * g.axes[1].stride * g.axes[2].stride;
    let fits = BORDERED / max(cells, 1);
    if fits > 1024 { 1024 } else { max(fits, LANES) }
}

/// Scratch of one part, in floats: turned weights, and the input with its border; 0 if this is not the way.
pub(super) const fn part_floats(g: &Conv) -> usize {
    if !is_full(g) {
        return 0;
    }
    let channels = channels_at_once(g);
    let weights = (vectors(g) * LANES * channels).saturating_mul(kernel_cells(&g.axes));
    weights.saturating_add(regions::bordered_floats(g, channels, regions::largest(g, positions(g))))
}

/// Which order the weight is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernels {
    /// `[C_out, C_in / groups, K_h, K_w]`.
    Forward,
    /// `[C_in, C_out / groups, K_h, K_w]`, the kernels to be turned by 180°: of a [`transposed`] convolution.
    Transposed,
}

/// output += weight ∗ input for some samples: input `[N, C_in, H, W]`, output `[N, C_out, H', W']`; scratch of
/// [`part_floats`]. LOOP 5 over groups, LOOP 4 over vectors of output channels, LOOP 3 over channels of the input, LOOP 2
/// over strips of positions, LOOP 1 over tiles.
pub(super) fn accumulate(
    g: &Conv,
    isa: Isa,
    input: &[f32],
    (weight, kernels): (&[f32], Kernels),
    output: &mut [f32],
    scratch: &mut [f32],
) {
    let (in_channels, out_channels) = (g.in_channels / g.groups, g.out_channels / g.groups);
    let (kernel, cells, batch) = (kernel_cells(&g.axes), output_cells(&g.axes), output.len() / g.output_len());
    let most = most_vectors(isa.registers()).min(vectors(g)) * LANES;
    let input = Input { g, values: input };
    let (turned, bordered) = scratch.split_at_mut(vectors(g) * LANES * channels_at_once(g) * kernel);
    let turned = turned.as_chunks_mut::<LANES>().0;
    for group in 0..g.groups {
        for first in (0..out_channels).step_by(most) {
            let outputs = first..out_channels.min(first + most);
            for c in (0..in_channels).step_by(channels_at_once(g)) {
                let channels = c..in_channels.min(c + channels_at_once(g));
                let turned = &mut turned[..outputs.len().div_ceil(LANES) * channels.len() * kernel];
                turn(g, (weight, kernels), group, outputs.clone(), channels.clone(), turned);
                for strip in regions::strips(g, 0..batch, positions(g)) {
                    let patches = input.patches(group, channels.clone(), &strip, bordered);
                    let start = strip.rows.start * g.axes[2].output + strip.columns.start;
                    let from = strip.samples.start * g.output_len() + (group * out_channels + outputs.start) * cells;
                    let tiles = Tiles {
                        axes: [&g.axes[1], &g.axes[2]],
                        sizes: strip.sizes(),
                        patches,
                        channels: channels.len(),
                        weights: turned,
                        output: &mut output[from + start..],
                        outputs: outputs.len(),
                        strides: [g.output_len(), cells],
                    };
                    isa.run(tiles, Tiles::run_plain);
                }
            }
        }
    }
}

/// Weights of some channels → `[⌈outputs / 16⌉][channels, K_h, K_w][16]`. Lanes beyond the last output repeat it.
fn turn(
    g: &Conv,
    (weight, kernels): (&[f32], Kernels),
    group: usize,
    outputs: Range<usize>,
    channels: Range<usize>,
    turned: &mut [[f32; LANES]],
) {
    let (in_channels, out_channels, kernel) =
        (g.in_channels / g.groups, g.out_channels / g.groups, kernel_cells(&g.axes));
    let weight = &weight[group * in_channels * out_channels * kernel..][..in_channels * out_channels * kernel];
    let taps = channels.len() * kernel;
    for (vector, turned) in turned.chunks_exact_mut(taps).enumerate() {
        let output = |lane: usize| (outputs.start + vector * LANES + lane).min(outputs.end - 1);
        match kernels {
            Kernels::Forward => {
                let rows: [&[f32]; LANES] = core::array::from_fn(|lane| {
                    &weight[output(lane) * in_channels * kernel + channels.start * kernel..][..taps]
                });
                for (tap, to) in turned.iter_mut().enumerate() {
                    *to = core::array::from_fn(|lane| rows[lane][tap]);
                }
            }
            Kernels::Transposed => {
                for (c, turned) in channels.clone().zip(turned.chunks_exact_mut(kernel)) {
                    let rows: [&[f32]; LANES] =
                        core::array::from_fn(|lane| &weight[(c * out_channels + output(lane)) * kernel..][..kernel]);
                    for (tap, to) in turned.iter_mut().enumerate() {
                        *to = core::array::from_fn(|lane| rows[lane][kernel - 1 - tap]);
                    }
                }
            }
        }
    }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
