//! Convolution and linear layers: sums of products of bytes, requantised as they are stored.
//!
//! Input `[D, H, W, C_in]`, output `[D', H', W', C_out]`, weight `[C_out, C_in / groups, K_d, K_h, K_w]`. A row of the window
//! is one run of K_w · C_in bytes, if it is neither dilated nor of one group among others, and a run is read four bytes at a
//! time. A linear layer is a convolution with one cell.
//!
//! Packed: for each group ⌈C_out / groups / 16⌉ blocks of bias, multiplier and shift `[3][16]` in 32 bits, little-endian, then
//! `[runs][⌈run / 4⌉][16][4]` weights. All zero points are in the bias: Σ w (q − z) = Σ w q − z Σ w.

use super::Output;
use super::requantize::{BLOCK_PARAMETERS, Bounds, Factor};
use super::strip::{self, Strips};
use super::tiles::{Patch, Row};
use crate::ops::geometry::{Axis, Conv, input_cells};
use crate::simd::integers::{IntegerKernel, Integers, QUAD, Weights};
use crate::simd::{Isa, LANES};
use convnet_shape::plan::integer::SLACK;

/// Runs of a window along the width, and bytes of each.
const fn runs(g: &Conv) -> [usize; 2] {
    let (channels, width) = (g.in_channels / g.groups, &g.axes[2]);
    if g.groups == 1 && width.dilation == 1 { [1, width.kernel * channels] } else { [width.kernel, channels] }
}

/// Blocks of a group.
const fn blocks(g: &Conv) -> usize {
    (g.out_channels / g.groups).div_ceil(LANES)
}

const fn block_bytes(g: &Conv) -> usize {
    let [count, run] = runs(g);
    let quads = g.axes[0].kernel * g.axes[1].kernel * count * run.div_ceil(QUAD);
    BLOCK_PARAMETERS + quads * size_of::<Weights>()
}

/// Bytes of a packed weight, with bias and factors.
pub const fn packed_bytes(g: &Conv) -> usize {
    g.groups * blocks(g) * block_bytes(g)
}

/// Packs weight `[C_out, C_in / groups, K_d, K_h, K_w]` with what each output channel has beside it.
pub fn pack(g: &Conv, weight: &[i8], outputs: &[Output], packed: &mut [u8]) {
    assert_eq!(weight.len(), g.weight_len(), "the weight is [C_out, C_in / groups, K_d, K_h, K_w]");
    assert_eq!(outputs.len(), g.out_channels, "every output channel has a bias and a factor");
    assert_eq!(packed.len(), packed_bytes(g), "the packed weight has packed_bytes values");
    let (of_group, taps) = (g.out_channels / g.groups, g.taps());
    packed.fill(0);
    for (index, block) in packed.chunks_exact_mut(block_bytes(g)).enumerate() {
        let (group, first) = (index / blocks(g), index % blocks(g) * LANES);
        for lane in 0..LANES.min(of_group - first) {
            let output = group * of_group + first + lane;
            outputs[output].write(lane, block);
            for (tap, weight) in weight[output * taps..][..taps].iter().enumerate() {
                block[BLOCK_PARAMETERS
                    + place(g, tap) / QUAD * size_of::<Weights>()
                    + lane * QUAD
                    + place(g, tap) % QUAD] = *weight as u8;
            }
        }
    }
}

/// Where a tap `[C_in / groups, K_d, K_h, K_w]` lies among the bytes that are read.
fn place(g: &Conv, tap: usize) -> usize {
    let [depth, height, width] = g.axes.map(|axis| axis.kernel);
    let channels = g.in_channels / g.groups;
    let (channel, cell) = (tap / (depth * height * width), tap % (depth * height * width));
    let (row, column) = (cell / width, cell % width);
    let [count, run] = runs(g);
    let (run_index, in_run) =
        if count == 1 { (row, column * channels + channel) } else { (row * count + column, channel) };
    run_index * run.next_multiple_of(QUAD) + in_run
}

/// Output ← requantised weight ∗ input, with the zero point of the input.
///
/// Input and output are [`SLACK`] bytes longer than their values; what is written there is nobody's.
#[allow(clippy::too_many_arguments)]
pub fn forward(
    g: &Conv,
    input: &[u8],
    zero: u8,
    packed: &[u8],
    bounds: Bounds,
    output: &mut [u8],
    scratch: &mut [u8],
    isa: Isa,
) {
    assert_eq!(input.len(), g.input_len() + SLACK, "the input is [D, H, W, C_in] and slack");
    assert_eq!(output.len(), g.output_len() + SLACK, "the output is [D', H', W', C_out] and slack");
    assert_eq!(packed.len(), packed_bytes(g), "the packed weight has packed_bytes values");
    assert!(scratch.len() >= strip::scratch_bytes(g), "a padded convolution copies strips");
    let flat = flat(g);
    let g = flat.as_ref().unwrap_or(g);
    isa.run_integers(Convolution { g, strips: Strips::new(g), input, zero, packed, bounds, output, scratch });
}

/// A convolution of single cells, all in one row: of narrow images, whose rows are not as long as a tile can be.
fn flat(g: &Conv) -> Option<Conv> {
    let is_unit = |axis: &Axis| axis.kernel == 1 && axis.stride == 1 && axis.input == axis.output;
    let cells = input_cells(&g.axes);
    let row = Axis { input: cells, output: cells, ..Axis::UNIT };
    g.axes.iter().all(is_unit).then_some(Conv { axes: [Axis::UNIT, Axis::UNIT, row], ..*g })
}

/// A convolution with all its operands.
struct Convolution<'a> {
    g: &'a Conv,
    strips: Strips,
    input: &'a [u8],
    zero: u8,
    packed: &'a [u8],
    bounds: Bounds,
    output: &'a mut [u8],
    scratch: &'a mut [u8],
}

impl IntegerKernel for Convolution<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Integers>(mut self, integers: I) {
        let [depth, height, _] = self.g.axes;
        for d in 0..depth.output {
            let mut row = 0;
            while row < height.output {
                let rows = self.strips.rows.min(height.output - row);
                if !strip::is_direct(self.g) {
                    strip::copy(self.g, &self.strips, [d, row, rows], self.zero, self.input, self.scratch);
                }
                for group in 0..self.g.groups {
                    self.group(integers, group, [d, row, rows]);
                }
                row += rows;
            }
        }
    }
}

impl Convolution<'_> {
    /// One group's outputs in some rows.
    #[inline(always)]
    fn group<I: Integers>(&mut self, integers: I, group: usize, rows: [usize; 3]) {
        let blocks = blocks(self.g);
        let together = if self.g.axes[2].output == 1 { I::BLOCKS_OF_ONE } else { I::BLOCKS };
        let mut block = 0;
        while block < blocks {
            let count = match blocks - block {
                4.. if together >= 4 => 4,
                2.. if together >= 2 => 2,
                _ => 1,
            };
            match count {
                4 => self.rows::<I, 4>(integers, [group, block], rows),
                2 => self.rows::<I, 2>(integers, [group, block], rows),
                _ => self.rows::<I, 1>(integers, [group, block], rows),
            }
            block += count;
        }
    }

    /// `N` blocks in some rows.
    #[inline(always)]
    fn rows<I: Integers, const N: usize>(
        &mut self,
        integers: I,
        [group, block]: [usize; 2],
        [depth, first, rows]: [usize; 3],
    ) {
        let g = self.g;
        let (is_direct, [count, run]) = (strip::is_direct(g), runs(g));
        let [plane, line, column] = strip::tap_strides(g, &self.strips);
        let [depths, heights, widths] = &g.axes;
        let patch = Patch {
            runs: [[depths.kernel, plane], [heights.kernel, line], [count, column]],
            quads: run.div_ceil(QUAD),
        };
        let of_group = g.out_channels / g.groups;
        let outputs = of_group - block * LANES;
        let bytes = block_bytes(g);
        let start = if is_direct { strip::first_byte(g, depth, first) } else { 0 };
        for row in 0..rows {
            let position = (depth * heights.output + first + row) * widths.output;
            let row = Row {
                patch,
                input: if is_direct { self.input } else { self.scratch },
                first: start + row * strip::row_stride(g, &self.strips) + group * (g.in_channels / g.groups),
                step: widths.stride * g.in_channels,
                positions: widths.output,
                blocks: &self.packed[(group * blocks(g) + block) * bytes..][..N * bytes],
                bounds: self.bounds,
                target: [position * g.out_channels + group * of_group + block * LANES, g.out_channels],
                outputs,
                // Whatever is written beyond a position's outputs is the next position's, or slack.
                spills: g.groups == 1 && block == 0 && N * LANES >= of_group,
            };
            if N > I::BLOCKS {
                for position in 0..row.positions {
                    row.tile::<I, 1, N>(integers, position, self.output);
                }
            } else {
                row.run::<I, N>(integers, self.output);
            }
        }
    }
}

impl Output {
    /// What lane `lane` of a block begins with.
    pub(super) fn write(&self, lane: usize, block: &mut [u8]) {
        let Factor { multiplier, shift } = self.factor;
        for (row, value) in [self.bias, multiplier, shift as i32].into_iter().enumerate() {
            block[(row * LANES + lane) * 4..][..4].copy_from_slice(&value.to_le_bytes());
        }
    }
}
