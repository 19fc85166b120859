//! Depthwise convolution of blocked values, one kernel a channel: a vector of sixteen channels times a vector of their
//! weights, for up to eight neighbouring positions at once.
//!
//! As in [`direct`](super::direct) what rows of the output read is copied with its padding where it cannot be read as it
//! lies, here in short strips of one block of channels, which stay in the first-level cache. The most frequent windows, 3 wide
//! in steps of one, are read where they lie all the same: [`near`].
#![allow(unsafe_code)]

mod near;

use core::ops::Range;

use super::strip::{self, Strips};
use super::tiles::{Patch, activate, finish};
use crate::arena::Shared;
use crate::ops::Activation;
use crate::ops::activation::Epilogue;
use crate::ops::geometry::{Conv, input_cells, kernel_cells, output_cells};
use crate::ops::panels::PanelsMut;
use crate::simd::{Isa, Kernel, LANES, Simd};
use crate::threads;
use convnet_shape::plan::Layout;

/// Floats of a strip, unless one row of the output needs more: 5 Ki · 4 bytes = 20 KiB of a first-level cache of 32 KiB.
const BUDGET: usize = 5 * 1024;

/// Values of a packed weight: `[C / 16][K_d][K_h][K_w][16]`, then the bias `[C]`.
pub const fn packed_floats(g: &Conv) -> usize {
    g.out_channels.saturating_mul(kernel_cells(&g.axes).saturating_add(1))
}

/// Packs weight `[C, 1, K_d, K_h, K_w]` and bias `[C]`, or none.
pub const fn pack(g: &Conv, weight: &[f32], bias: &[f32], packed: &mut [f32]) {
    assert!(packed.len() == packed_floats(g), "the packed weight has packed_floats values");
    let taps = kernel_cells(&g.axes);
    let (panels, biases) = packed.split_at_mut(g.out_channels * taps);
    PanelsMut::F32(panels.as_chunks_mut().0).pack(weight, taps, &Layout::Planar, 0);
    let mut channel = 0;
    while channel < g.out_channels {
        biases[channel] = if bias.is_empty() { 0.0 } else { bias[channel] };
        channel += 1;
    }
}

/// One block of channels as a convolution: what strips need to know.
const fn one_block(g: &Conv) -> Conv {
    Conv { in_channels: LANES, out_channels: LANES, groups: 1, bias: g.bias, axes: g.axes }
}

/// Scratch that [`forward`] needs on one thread, in floats: a strip, or nothing.
pub const fn scratch_floats(g: &Conv) -> usize {
    let block = one_block(g);
    if strip::is_direct(g) || near::is_near(g) { 0 } else { Strips::new(&block, BUDGET).floats(&block) }
}

/// output ← activation(weight ∗ input + bias), each channel by itself; blocked to blocked.
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
    assert_eq!(input.len(), batch * g.input_len(), "the input is [N, C, D, H, W]");
    assert_eq!(output.len(), batch * g.output_len(), "the output is [N, C, D', H', W']");
    assert_eq!(packed.len(), packed_floats(g), "the packed weight has packed_floats values");
    let pieces = batch * g.in_channels / LANES;
    let floats = scratch_floats(g);
    let mut workers = threads::worth(batch * g.output_len() * g.taps(), pieces);
    if let Some(strips) = scratch.len().checked_div(floats) {
        assert!(strips > 0, "the scratch needs {floats} floats");
        workers = workers.min(strips);
    }
    let shared = Shared::new(output);
    threads::share_out(0..pieces, workers, scratch, floats, &|blocks, scratch| {
        isa.run_everywhere(Blocks { g, input, packed, activation, output: &shared, blocks, scratch });
    });
    finish(epilogue, output);
}

/// Some of the blocks `[N][C / 16]`.
struct Blocks<'a> {
    g: &'a Conv,
    input: &'a [f32],
    packed: &'a [f32],
    activation: Option<Activation>,
    output: &'a Shared<'a>,
    blocks: Range<usize>,
    scratch: &'a mut [f32],
}

impl Kernel for Blocks<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (g, one) = (self.g, one_block(self.g));
        let [depth, height, width] = &g.axes;
        let (cells, positions, taps) = (input_cells(&g.axes), output_cells(&g.axes), kernel_cells(&g.axes));
        let mut strips = Strips::new(&one, BUDGET);
        let is_direct = strip::is_direct(g);
        if is_direct {
            strips.rows = height.output;
        }
        let (weights, biases) = self.packed.split_at(g.out_channels * taps);
        for block in self.blocks.clone() {
            let channels = block % (g.in_channels / LANES);
            let input = &self.input[block * cells * LANES..][..cells * LANES];
            // SAFETY: every block is given to one share, and its output is no other block's.
            let output = unsafe { self.output.slice(block * positions * LANES..(block + 1) * positions * LANES) };
            if near::is_near(g) {
                near::Block::new(&self, block).run(simd, output);
                continue;
            }
            for d in 0..depth.output {
                for first in (0..height.output).step_by(strips.rows) {
                    let rows = strips.rows.min(height.output - first);
                    let (patch, input_row, input) = if is_direct {
                        let (patch, row) = strip::lying(&one, LANES);
                        (patch, row, &input[strip::first_cell(g, d, first) * LANES..])
                    } else {
                        strips.copy::<LANES>(&one, input, [d, first, rows], self.scratch);
                        let (patch, row) = strips.patch(&one, rows, LANES);
                        (patch, row, &*self.scratch)
                    };
                    let place = (d * height.output + first) * width.output * LANES;
                    let lines = Lines {
                        patch,
                        input,
                        input_row,
                        weight: weights[channels * taps * LANES..][..taps * LANES].as_chunks().0,
                        bias: biases[channels * LANES..].first_chunk().expect("a bias is whole blocks"),
                        activation: self.activation,
                        output: &mut output[place..][..rows * width.output * LANES],
                        width: width.output,
                    };
                    simd.apart(lines);
                }
            }
        }
    }
}

/// Rows of the output of one block of channels.
struct Lines<'a> {
    patch: Patch,
    input: &'a [f32],
    input_row: usize,
    weight: &'a [[f32; LANES]],
    bias: &'a [f32; LANES],
    activation: Option<Activation>,
    output: &'a mut [f32],
    width: usize,
}

impl Kernel for Lines<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let output = core::mem::take(&mut self.output);
        let wide = match S::REGISTERS {
            32.. => 8,
            8.. => 4,
            4.. => 2,
            _ => 1,
        };
        let tiles = self.width.div_ceil(wide);
        let (narrow, wider) = (self.width / tiles, self.width % tiles);
        let rows = output.len() / (self.width * LANES);
        let reach = (rows - 1) * self.input_row + (self.width - 1) * LANES + self.patch.reach(LANES);
        assert!(reach <= self.input.len(), "the input ends under the window");
        assert!(self.weight.len() >= self.patch.cells(), "a weight for each tap");
        for (row, output) in output.chunks_exact_mut(self.width * LANES).enumerate() {
            let mut output = output.as_chunks_mut().0;
            // SAFETY: a row before the last, whose end is inside the input.
            let mut input = unsafe { self.input.as_ptr().add(row * self.input_row) };
            for tile in 0..tiles {
                let p = if tile < wider { narrow + 1 } else { narrow };
                let (own, rest) = output.split_at_mut(p);
                // SAFETY: `input` is the first cell under a position of which p − 1 others follow in its row, and the assertions
                // above have put the patch of the last position of the last row inside the input, and its taps inside the weight.
                unsafe {
                    match p {
                        1 => line::<S, 1>(simd, &self, input, own),
                        2 if S::REGISTERS >= 4 => line::<S, 2>(simd, &self, input, own),
                        3 if S::REGISTERS >= 8 => line::<S, 3>(simd, &self, input, own),
                        4 if S::REGISTERS >= 8 => line::<S, 4>(simd, &self, input, own),
                        5 if S::REGISTERS >= 32 => line::<S, 5>(simd, &self, input, own),
                        6 if S::REGISTERS >= 32 => line::<S, 6>(simd, &self, input, own),
                        7 if S::REGISTERS >= 32 => line::<S, 7>(simd, &self, input, own),
                        8 if S::REGISTERS >= 32 => line::<S, 8>(simd, &self, input, own),
                        _ => unreachable!("no tile is so wide"),
                    }
                }
                output = rest;
                input = input.wrapping_add(p * LANES);
            }
        }
    }
}

/// P neighbouring positions.
///
/// # Safety
///
/// The patches of P positions, from `input` on, can be read, and a weight for each tap.
#[inline(always)]
unsafe fn line<S: Simd, const P: usize>(simd: S, lines: &Lines, input: *const f32, output: &mut [[f32; LANES]]) {
    let patch = &lines.patch;
    let mut sums = [[simd.load(lines.bias); 1]; P];
    let mut weight = lines.weight.as_ptr();
    // A tap further is a cell further, unless a strided row lies in phases.
    let near = patch.phases[0] == 1 && patch.step[0] == 1;
    for depth in 0..patch.depth[0] {
        for height in 0..patch.height[0] {
            let row = input.wrapping_add(depth * patch.depth[1] + height * patch.height[1]);
            // SAFETY: the caller's promise for all taps of the row.
            unsafe {
                match patch.width {
                    3 if near => {
                        for tap in 0..3 {
                            add_tap::<S, P>(simd, row.add(tap * LANES), weight.add(tap), &mut sums);
                        }
                    }
                    _ => {
                        let (mut column, mut phase) = (0, 0);
                        for tap in 0..patch.width {
                            let cells = row.add(phase * patch.phases[1] + column * LANES);
                            add_tap::<S, P>(simd, cells, weight.add(tap), &mut sums);
                            (column, phase) = (column + patch.step[0], phase + patch.step[1]);
                            if phase >= patch.phases[0] {
                                (column, phase) = (column + 1, phase - patch.phases[0]);
                            }
                        }
                    }
                }
            }
            weight = weight.wrapping_add(patch.width);
        }
    }
    activate(simd, lines.activation, &mut sums);
    for p in 0..P {
        simd.store(sums[p][0], &mut output[p]);
    }
}

/// sums ← sums + weight · cells, P neighbouring cells.
///
/// # Safety
///
/// They and the weight can be read.
#[inline(always)]
unsafe fn add_tap<S: Simd, const P: usize>(
    simd: S,
    cells: *const f32,
    weight: *const [f32; LANES],
    sums: &mut [[S::Vector; 1]; P],
) {
    // SAFETY: the caller's promise; arrays of floats need no more alignment than a float.
    let (cells, weight) = unsafe { (&*cells.cast::<[[f32; LANES]; P]>(), simd.load(&*weight)) };
    for p in 0..P {
        sums[p][0] = simd.multiply_add(simd.load(&cells[p]), weight, sums[p][0]);
    }
}
