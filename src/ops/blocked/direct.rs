//! Direct convolution: sums over all taps in registers, from blocked or planar values to blocked or planar ones.
//!
//! Loops, from the outside: samples and groups; depths of the output; strips of its rows, of which the cells that they
//! read are copied if they do not lie as the microkernel reads them; and then [`tiles`](super::tiles): blocks of output
//! channels, rows, tiles. With threads, blocks of output channels and strips are what is shared out. Weights may be stored
//! in bf16: [`narrow`].
#![allow(unsafe_code)]

mod narrow;

use core::ops::Range;

use super::strip::{self, Strips};
use super::tiles::{Dots, Floats, Operands, Start, Target, Tiles, Widened, finish};
use crate::arena::Shared;
use crate::ops::Activation;
use crate::ops::activation::Epilogue;
use crate::ops::geometry::{Axis, Conv, input_cells, kernel_cells, output_cells};
use crate::ops::panels::PanelsMut;
use crate::simd::{Isa, Kernel, LANES, Simd};
use crate::threads;
use convnet_shape::options::Stored;
use convnet_shape::plan::{Form, Layout};

/// A strip is no longer, unless one row of the output needs more: 128 Ki floats · 4 bytes = 512 KiB, half of a second-level
/// cache of 1 MiB. The other half is for weights.
const BUDGET: usize = 128 * 1024;

/// Values of a packed weight: for each group `[⌈C_out / groups / 16⌉][C_in / groups / B][K_d][K_h][K_w][B][16]`, then
/// `[⌈C_out / groups / 16⌉][16]` of bias, for all groups; what is not there is 0. Weights in bf16 are two in a float.
pub const fn packed_floats(g: &Conv, stored: Stored) -> usize {
    let taps = g.taps() / (size_of::<f32>() / stored.bytes());
    g.groups.saturating_mul(panels(g)).saturating_mul(LANES).saturating_mul(taps.saturating_add(1))
}

/// Blocks of output channels of a group.
const fn panels(g: &Conv) -> usize {
    (g.out_channels / g.groups).div_ceil(LANES)
}

/// Channels in a block of the input.
const fn block(form: &Form) -> usize {
    if form.input.is_blocked() { LANES } else { 1 }
}

/// Packs weight `[C_out, C_in / groups, K_d, K_h, K_w]` and bias `[C_out]`, or none.
pub const fn pack(g: &Conv, form: &Form, weight: &[f32], bias: &[f32], packed: &mut [f32]) {
    assert!(packed.len() == packed_floats(g, form.stored), "the packed weight has packed_floats values");
    let (outputs, taps, panels) = (g.out_channels / g.groups, g.taps(), panels(g));
    let (weights, biases) = packed.split_at_mut(packed.len() - g.groups * panels * LANES);
    let order = match form.input {
        Layout::Blocked { .. } => Layout::Blocked { cells: kernel_cells(&g.axes) },
        Layout::Planar => Layout::Planar,
    };
    let mut to = match form.stored {
        Stored::Bf16 => PanelsMut::pairs(weights),
        stored => PanelsMut::stored(stored, weights, &mut []),
    };
    let mut group = 0;
    while group < g.groups {
        let own = weight.split_at(group * outputs * taps).1.split_at(outputs * taps).0;
        to.pack(own, taps, &order, group * panels);
        let mut row = 0;
        while row < panels * LANES {
            let exists = row < outputs && !bias.is_empty();
            biases[group * panels * LANES + row] = if exists { bias[group * outputs + row] } else { 0.0 };
            row += 1;
        }
        group += 1;
    }
}

/// Scratch that [`forward_from`] needs on one thread, in floats: a strip, or nothing; of [`forward_narrow`] an input too.
pub const fn scratch_floats(g: &Conv, stored: Stored) -> usize {
    match stored {
        Stored::Bf16 => narrow::scratch_floats(g),
        _ => strip_floats(g),
    }
}

/// Floats of a strip, if the input cannot be read as it lies.
const fn strip_floats(g: &Conv) -> usize {
    if strip::is_direct(g) { 0 } else { strips(g).floats(g) }
}

/// output ← activation(weight ∗ input + bias), on as many threads as there are strips in `scratch`, for an input whose blocks
/// have `B` channels: 16, or 1 where it is planar.
///
/// Input and output `[N, …]` in the layouts of `form`; a packed weight.
#[allow(clippy::too_many_arguments)]
pub fn forward_from<const B: usize>(
    g: &Conv,
    form: &Form,
    batch: usize,
    input: &[f32],
    packed: &[f32],
    epilogue: impl Epilogue,
    output: &mut [f32],
    scratch: &mut [f32],
    isa: Isa,
) {
    assert_eq!((B, form.stored), (block(form), Stored::F32), "the channels of an input's block, and floats");
    forward_by(g, form, batch, input, packed, epilogue, output, scratch, |conv, output, scratch| {
        conv.run::<B, false>(&Shared::new(output), scratch, |share| isa.run_everywhere(share));
    });
}

/// The same on weights in bf16, for blocked inputs.
#[allow(clippy::too_many_arguments)]
pub fn forward_narrow(
    g: &Conv,
    form: &Form,
    batch: usize,
    input: &[f32],
    packed: &[f32],
    epilogue: impl Epilogue,
    output: &mut [f32],
    scratch: &mut [f32],
    isa: Isa,
) {
    assert_eq!((LANES, form.stored), (block(form), Stored::Bf16), "the channels of an input's block, and bf16s");
    forward_by(g, form, batch, input, packed, epilogue, output, scratch, |conv, output, scratch| {
        narrow::run(conv, output, scratch, isa);
    });
}

/// What both do around the sums.
#[allow(clippy::too_many_arguments)]
fn forward_by(
    g: &Conv,
    form: &Form,
    batch: usize,
    input: &[f32],
    packed: &[f32],
    epilogue: impl Epilogue,
    output: &mut [f32],
    scratch: &mut [f32],
    run: impl FnOnce(&Convolution, &mut [f32], &mut [f32]),
) {
    assert_eq!(input.len(), batch * g.input_len(), "the input is [N, C_in, D, H, W]");
    assert_eq!(output.len(), batch * g.output_len(), "the output is [N, C_out, D', H', W']");
    assert_eq!(packed.len(), packed_floats(g, form.stored), "the packed weight has packed_floats values");
    let needed = scratch_floats(g, form.stored);
    assert!(scratch.len() >= needed, "the scratch needs {needed} floats");
    let (flat, activation) = (flat(g), epilogue.activation());
    run(&Convolution::new(flat.as_ref().unwrap_or(g), form, batch, input, packed, activation), output, scratch);
    finish(epilogue, output);
}

/// [`forward_from`] or [`forward_narrow`], as `form` says.
#[cfg(test)]
#[allow(clippy::too_many_arguments)]
pub fn forward(
    g: &Conv,
    form: &Form,
    batch: usize,
    input: &[f32],
    packed: &[f32],
    activation: Option<Activation>,
    output: &mut [f32],
    scratch: &mut [f32],
    isa: Isa,
) {
    match (form.stored, form.input.is_blocked()) {
        (Stored::Bf16, _) => forward_narrow(g, form, batch, input, packed, activation, output, scratch, isa),
        (_, true) => forward_from::<LANES>(g, form, batch, input, packed, activation, output, scratch, isa),
        (_, false) => forward_from::<1>(g, form, batch, input, packed, activation, output, scratch, isa),
    }
}

/// A 1×1 convolution that goes everywhere once, with all its positions in one row: of narrow images, whose rows are not as
/// long as a tile can be.
fn flat(g: &Conv) -> Option<Conv> {
    let is_unit = |axis: &Axis| axis.kernel == 1 && axis.stride == 1 && axis.input == axis.output;
    let is_flat = g.axes.iter().all(is_unit) && strip::is_direct(g) && g.axes[2].output < 14;
    let cells = input_cells(&g.axes);
    let row = Axis { input: cells, output: cells, ..Axis::UNIT };
    is_flat.then_some(Conv { axes: [Axis::UNIT, Axis::UNIT, row], ..*g })
}

/// Multiply-accumulates, some 10 µs, from which on there are strips enough for threads to share them out evenly.
const SEVERAL: usize = 1 << 20;

/// Strips to copy, or the same without a copy: where there is much to do a quarter of the rows at most, but four.
const fn strips(g: &Conv) -> Strips {
    let (rows, mut strips) = (g.axes[1].output, Strips::new(g, BUDGET));
    if strip::is_direct(g) {
        strips.rows = rows;
    }
    let quarter = if rows > 16 { rows.div_ceil(4) } else { 4 };
    if g.output_len().saturating_mul(g.taps()) >= SEVERAL && strips.rows > quarter {
        strips.rows = quarter;
    }
    strips
}

/// A convolution with all its operands but the output.
#[derive(Clone, Copy)]
struct Convolution<'a> {
    g: &'a Conv,
    form: &'a Form,
    strips: Strips,
    batch: usize,
    input: &'a [f32],
    packed: &'a [f32],
    activation: Option<Activation>,
}

/// Blocks of output channels that one piece of work computes.
const BLOCKS: usize = 2;

impl<'a> Convolution<'a> {
    fn new(
        g: &'a Conv,
        form: &'a Form,
        batch: usize,
        input: &'a [f32],
        packed: &'a [f32],
        activation: Option<Activation>,
    ) -> Self {
        Self { g, form, strips: strips(g), batch, input, packed, activation }
    }

    /// Computes all pieces by `kernel`, on as many threads as there are strips in `scratch`.
    fn run<const B: usize, const NARROW: bool>(
        &self,
        output: &Shared,
        scratch: &mut [f32],
        kernel: impl Fn(Share<'_, '_, B, NARROW>) + Sync,
    ) {
        let floats = strip_floats(self.g);
        let mut workers = threads::worth(self.batch * self.g.output_len() * self.g.taps(), self.pieces());
        if let Some(strips) = scratch.len().checked_div(floats) {
            workers = workers.min(strips);
        }
        threads::share_out(0..self.pieces(), workers, scratch, floats, &|pieces, scratch| {
            kernel(Share { conv: self, output, pieces, scratch });
        });
    }

    /// Strips of one depth of the output.
    fn strips_of_depth(&self) -> usize {
        self.g.axes[1].output.div_ceil(self.strips.rows)
    }

    /// Pieces of one strip.
    fn pieces_of_strip(&self) -> usize {
        panels(self.g).div_ceil(BLOCKS)
    }

    /// What can be shared out: `[N][groups][D'][strips][blocks / 2]`.
    fn pieces(&self) -> usize {
        self.batch * self.g.groups * self.g.axes[0].output * self.strips_of_depth() * self.pieces_of_strip()
    }

    /// Some blocks of output channels of one strip.
    #[inline(always)]
    fn strip<S: Simd, O: Operands, const B: usize>(
        &self,
        simd: S,
        place: Place,
        blocks: Range<usize>,
        strip: &mut [f32],
        output: &Shared,
    ) {
        let (g, panels) = (self.g, panels(self.g));
        let [_, height, width] = &g.axes;
        let rows = self.strips.rows.min(height.output - place.row);
        let channels = g.in_channels / g.groups;
        let cells = input_cells(&g.axes);
        let input = &self.input[(place.sample * g.groups + place.group) * channels * cells..][..channels * cells];
        let (patch, input_row, input) = if strip::is_direct(g) {
            let (patch, row) = strip::lying(g, B);
            (patch, row, &input[strip::first_cell(g, place.depth, place.row) * B..])
        } else {
            self.strips.copy::<B>(g, input, [place.depth, place.row, rows], strip);
            let (patch, row) = self.strips.patch(g, rows, B);
            (patch, row, &*strip)
        };
        let of_panel = patch.cells() * O::WEIGHT;
        let (weights, biases) = self.packed.split_at(g.groups * panels * of_panel);
        let panel = place.group * panels + blocks.start;
        let (outputs, positions) = (g.out_channels / g.groups, output_cells(&g.axes));
        let (is_blocked, first) = (self.form.output.is_blocked(), blocks.start * LANES);
        let row = (place.depth * height.output + place.row) * width.output;
        let lanes = if is_blocked { LANES } else { 1 };
        let sample = (place.sample * g.out_channels + place.group * outputs + first) * positions;
        let tiles = Tiles {
            patch,
            input,
            input_row,
            weight: &weights[panel * of_panel..][..blocks.len() * of_panel],
            weight_block: of_panel,
            start: Start::Bias(&biases[panel * LANES..][..blocks.len() * LANES]),
            output,
            target: Target {
                first: sample + row * lanes,
                block: LANES * positions,
                row: width.output * lanes,
                position: lanes,
                lane: if is_blocked { 1 } else { positions },
                channels: outputs - first,
            },
            rows,
            width: width.output,
            blocks: blocks.len(),
            activation: self.activation,
        };
        // SAFETY: every piece is given to one share, and the places of a piece, its blocks of channels of its rows, are no
        // other piece's.
        unsafe { tiles.run::<S, O>(simd) };
    }
}

/// Where a strip is.
struct Place {
    sample: usize,
    group: usize,
    depth: usize,
    row: usize,
}

/// Some of a convolution's pieces, of an input with blocks of `B` channels; on weights in floats or, if they are narrow, in
/// pairs of bf16.
struct Share<'s, 'a, const B: usize, const NARROW: bool> {
    conv: &'s Convolution<'a>,
    output: &'s Shared<'s>,
    pieces: Range<usize>,
    scratch: &'s mut [f32],
}

impl<const B: usize, const NARROW: bool> Kernel for Share<'_, '_, B, NARROW> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Share { conv, output, pieces, scratch } = self;
        let of_strip = conv.pieces_of_strip();
        let mut piece = pieces.start;
        while piece < pieces.end {
            let (strip, first) = (piece / of_strip, piece % of_strip);
            let count = (of_strip - first).min(pieces.end - piece);
            let blocks = first * BLOCKS..((first + count) * BLOCKS).min(panels(conv.g));
            let (rest, row) = (strip / conv.strips_of_depth(), strip % conv.strips_of_depth() * conv.strips.rows);
            let (rest, depth) = (rest / conv.g.axes[0].output, rest % conv.g.axes[0].output);
            let place = Place { sample: rest / conv.g.groups, group: rest % conv.g.groups, depth, row };
            if NARROW && S::HAS_DOTS {
                conv.strip::<S, Dots, { LANES / 2 }>(simd, place, blocks, scratch, output);
            } else if NARROW {
                conv.strip::<S, Widened, LANES>(simd, place, blocks, scratch, output);
            } else {
                conv.strip::<S, Floats<B>, B>(simd, place, blocks, scratch, output);
            }
            piece += count;
        }
    }
}
