//! Fully connected, many samples at once, on a weight packed as in [`linear`](crate::ops::linear), `[⌈out / 16⌉][in][16]` and
//! the bias.
//!
//! Many samples are a 1×1 convolution whose positions are the samples; for that the inputs are turned, [`DEPTH`] at a time, so that all samples' values of one input lie side by side, and so that
//! what a turn needs of the weight stays in the second-level cache while all samples go by.
#![allow(unsafe_code)]

use super::tiles::{Floats, Patch, Start, Target, Tiles, finish};
use crate::arena::Shared;
use crate::ops::activation::Epilogue;
use crate::ops::geometry::Linear;
use crate::ops::panels::panel_floats;
use crate::ops::{Activation, linear};
use crate::simd::{Isa, Kernel, LANES, Simd};
use crate::threads;

/// Inputs that are turned at a time: 1 Ki · 2 blocks · 16 · 4 bytes = 128 KiB of weights.
const DEPTH: usize = 1024;

/// Samples that go together, and so the scratch: 16 · 1 Ki floats · 4 bytes = 64 KiB.
const SAMPLES: usize = 16;

/// Scratch that [`forward`] needs for more than one sample, in floats.
pub const fn scratch_floats(g: &Linear) -> usize {
    SAMPLES * if g.in_features < DEPTH { g.in_features } else { DEPTH }
}

/// output ← activation(input · weightᵀ + bias) for many samples: input `[N, in]`, output `[N, out]`, packed weight.
pub fn forward(
    g: &Linear,
    input: &[f32],
    packed: &[f32],
    epilogue: impl Epilogue,
    output: &mut [f32],
    scratch: &mut [f32],
    isa: Isa,
) {
    let activation = epilogue.activation();
    assert!(input.len().is_multiple_of(g.in_features), "the input is [N, in]");
    assert_eq!(output.len(), input.len() / g.in_features * g.out_features, "the output is [N, out]");
    assert_eq!(packed.len(), linear::packed_floats(g), "the packed weight has packed_floats values");
    let most = SAMPLES.min(input.len() / g.in_features) * DEPTH.min(g.in_features);
    assert!(scratch.len() >= most, "the scratch needs {} floats", scratch_floats(g));
    let (weight, bias) = packed.split_at(panel_floats(g.out_features, g.in_features));
    let groups = input.chunks(SAMPLES * g.in_features).zip(output.chunks_mut(SAMPLES * g.out_features));
    for (input, output) in groups {
        let samples = input.len() / g.in_features;
        match bias.is_empty() {
            true => output.fill(0.0),
            false => output.chunks_exact_mut(g.out_features).for_each(|output| output.copy_from_slice(bias)),
        }
        let shared = Shared::new(output);
        let blocks = g.out_features.div_ceil(LANES);
        let workers = threads::worth(samples * g.in_features * g.out_features, blocks.div_ceil(2));
        for first in (0..g.in_features).step_by(DEPTH) {
            let depth = DEPTH.min(g.in_features - first);
            let block = if g.in_features.is_multiple_of(LANES) { LANES } else { 1 };
            let turned = &mut scratch[..samples * depth];
            turn(input, g.in_features, first, [samples, depth, block], turned);
            let last = first + depth == g.in_features;
            let part = Part { g, samples, first, depth, weight, activation: activation.filter(|_| last), turned };
            threads::share_out(0..blocks.div_ceil(2), workers, &mut [], 0, &|pairs, _| {
                let blocks = pairs.start * 2..blocks.min(pairs.end * 2);
                isa.run_everywhere(Blocks { part: &part, blocks, output: &shared });
            });
        }
        finish(epilogue, output);
    }
}

/// Inputs `first..first + depth` of all samples, `[depth / block][samples][block]`.
fn turn(input: &[f32], stride: usize, first: usize, [samples, depth, block]: [usize; 3], turned: &mut [f32]) {
    for (sample, input) in input.chunks_exact(stride).enumerate() {
        let input = &input[first..][..depth];
        let to = turned[sample * block..].chunks_mut(samples * block);
        to.zip(input.chunks_exact(block)).for_each(|(to, from)| to[..block].copy_from_slice(from));
    }
}

/// Some of the inputs for all samples.
struct Part<'a> {
    g: &'a Linear,
    samples: usize,
    first: usize,
    depth: usize,
    weight: &'a [f32],
    activation: Option<Activation>,
    turned: &'a [f32],
}

/// What they add to some blocks of the output.
struct Blocks<'a> {
    part: &'a Part<'a>,
    blocks: core::ops::Range<usize>,
    output: &'a Shared<'a>,
}

impl Kernel for Blocks<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Part { g, samples, first, depth, weight, activation, turned } = *self.part;
        let block = if g.in_features.is_multiple_of(LANES) { LANES } else { 1 };
        let tiles = Tiles {
            patch: Patch::point([depth / block, samples * block]),
            input: turned,
            input_row: 0,
            weight: &weight[(self.blocks.start * g.in_features + first) * LANES..],
            weight_block: g.in_features * LANES,
            start: Start::Output,
            output: self.output,
            target: Target {
                first: self.blocks.start * LANES,
                block: LANES,
                row: 0,
                position: g.out_features,
                lane: 1,
                channels: g.out_features - self.blocks.start * LANES,
            },
            rows: 1,
            width: samples,
            blocks: self.blocks.len(),
            activation,
        };
        // SAFETY: every block of output channels is given to one share.
        match block {
            LANES => unsafe { tiles.run::<S, Floats<LANES>>(simd) },
            _ => unsafe { tiles.run::<S, Floats<1>>(simd) },
        }
    }
}
