//! ∂L/∂weight of a convolution over lines or images.
//!
//! Strips of positions are summed in [`taps`](super::taps), from the input itself or, where there is padding, from a copy of
//! it with its border. Who does what is decided by sizes alone, so that every sum has one order, on however many threads:
//!
//! - A large weight is shared out by output channels, 16 or 48 at a time: each part goes over the whole batch and owns
//!   its rows of ∂L/∂weight.
//! - Of a small weight, the batch is shared out: [`SHARES`] parts sum into weights of their own, which are then added up
//!   in their order.

use core::ops::Range;

use super::super::lanes::{MOST_VECTORS, most_vectors};
use super::super::regions::{self, Input, Patches};
use super::taps::Taps;
use super::turn::turn;
use crate::ops::geometry::Conv;
use crate::simd::{Isa, Kernel, LANES, Plain};
use crate::threads;

/// Positions of a strip at most. Its gradients, three vectors wide, take 1024 · 48 · 4 bytes = 192 KiB, a share of a
/// second-level cache; what a tile costs to store is little beside 1024 multiply-adds for each of its values.
const POSITIONS: usize = 1024;

/// Parts of the batch, at most, for a small weight.
const SHARES: usize = 8;

/// A weight up to this size is small: 8 Ki floats · 4 bytes = 32 KiB for each share.
const SMALL: usize = 8 * 1024;

/// Channels with their border are copied as many at a time as fit: 32 Ki floats · 4 bytes = 128 KiB.
const BORDERED: usize = 32 * 1024;

const fn is_small(g: &Conv) -> bool {
    g.weight_len() <= SMALL
}

/// Input channels whose patches are copied at a time: those that fit [`BORDERED`], and one at least.
const fn channels_at_once(g: &Conv) -> usize {
    let (all, one) = (g.in_channels / g.groups, regions::bordered_floats(g, 1, regions::largest(g, POSITIONS)));
    if one.saturating_mul(all) <= BORDERED { all } else { max(BORDERED / one, 1) }
}

/// Scratch of one part: gradients in lanes, the input with its border, a weight.
pub(super) const fn part_floats(g: &Conv) -> usize {
    let vectors = min((g.out_channels / g.groups).div_ceil(LANES), MOST_VECTORS);
    let bordered = regions::bordered_floats(g, channels_at_once(g), regions::largest(g, POSITIONS));
    let weight = if is_small(g) { g.weight_len() } else { 0 };
    (vectors * LANES * POSITIONS).saturating_add(bordered).saturating_add(weight)
}

/// Parts that can run at a time.
pub(super) const fn parts(g: &Conv) -> usize {
    let most = if is_small(g) { SHARES } else { g.groups * (g.out_channels / g.groups).div_ceil(LANES) };
    min(most, threads::MOST)
}

/// ∂L/∂W += ∂L/∂O · patchesᵀ: input `[N, C_in, H, W]`, grad_output `[N, C_out, H', W']`.
pub(super) fn backward(
    g: &Conv,
    batch: usize,
    input: &[f32],
    grad_output: &[f32],
    grad_weight: &mut [f32],
    scratch: &mut [f32],
) {
    let (isa, floats) = (Isa::best(), part_floats(g));
    let pass = Pass { g, isa, input: Input { g, values: input }, grad_output };
    let (taps, channels) = (g.taps(), g.out_channels / g.groups);
    if !is_small(g) {
        let rows = (most_vectors(isa.registers()) * LANES).min(channels);
        let parts = grad_weight.chunks_mut(channels * taps).enumerate().flat_map(|(group, grad_weight)| {
            grad_weight.chunks_mut(rows * taps).enumerate().map(move |(i, rows_of)| (group, i * rows, rows_of))
        });
        threads::each_with_scratch(parts, scratch, floats, |(group, channel, rows), scratch| {
            pass.part(group, channel, 0..batch, rows, scratch);
        });
        return;
    }
    let share = batch.div_ceil(SHARES).max(1);
    let mut first = 0;
    while first < batch {
        let at_once = (scratch.len() / floats).min(threads::MOST);
        let shares = (first..batch).step_by(share).take(at_once);
        first = batch.min(first + at_once * share);
        let count = shares.len();
        threads::each_with_scratch(shares, scratch, floats, |from, scratch| {
            let (weight, scratch) = scratch.split_at_mut(g.weight_len());
            weight.fill(0.0);
            for (group, weight) in weight.chunks_mut(channels * taps).enumerate() {
                pass.part(group, 0, from..batch.min(from + share), weight, scratch);
            }
        });
        for part in scratch.chunks(floats).take(count) {
            grad_weight.iter_mut().zip(part).for_each(|(sum, grad)| *sum += grad);
        }
    }
}

/// What all parts read.
struct Pass<'a> {
    g: &'a Conv,
    isa: Isa,
    input: Input<'a>,
    grad_output: &'a [f32],
}

impl Pass<'_> {
    /// The rows of ∂L/∂W from `channel` of `group` on, summed over some samples. LOOP 4 over strips, LOOP 3 over vectors
    /// of output channels, LOOP 2 over channels of the input, LOOP 1, in the kernel, over tiles of taps.
    fn part(&self, group: usize, channel: usize, samples: Range<usize>, rows: &mut [f32], scratch: &mut [f32]) {
        let (g, taps, in_channels) = (self.g, self.g.taps(), self.g.in_channels / self.g.groups);
        let most = most_vectors(self.isa.registers()) * LANES;
        let vectors = (g.out_channels / g.groups).div_ceil(LANES).min(MOST_VECTORS);
        let (turned, bordered) = scratch.split_at_mut(vectors * LANES * POSITIONS);
        let turned = turned.as_chunks_mut().0;
        let first = group * (g.out_channels / g.groups) + channel;
        for strip in regions::strips(g, samples, POSITIONS) {
            let positions = strip.sizes().iter().product::<usize>();
            for (i, rows) in rows.chunks_mut(most * taps).enumerate() {
                let count = rows.len() / taps;
                let turned = &mut turned[..count.div_ceil(LANES) * positions];
                turn(g, self.grad_output, [first + i * most, count], &strip, turned);
                let mut product = |patches: Patches, taps_of: Range<usize>| {
                    let kernel = Taps {
                        axes: [&g.axes[1], &g.axes[2]],
                        sizes: strip.sizes(),
                        patches,
                        taps: 0..taps_of.len(),
                        grads: turned,
                        grad_weight: &mut rows[taps_of.start..],
                        stride: taps,
                    };
                    self.isa.run(kernel, |kernel| kernel.run(Plain));
                };
                let kernel = taps / in_channels;
                for c in (0..in_channels).step_by(channels_at_once(g)) {
                    let channels = c..in_channels.min(c + channels_at_once(g));
                    let patches = self.input.patches(group, channels.clone(), &strip, bordered);
                    product(patches, channels.start * kernel..channels.end * kernel);
                }
            }
        }
    }
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
