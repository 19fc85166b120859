//! Depthwise convolution: each channel by itself, 16 channels at a time, four taps at a time.
//!
//! Input `[D, H, W, C]`, output `[D', H', W', C]`, weight `[C, 1, K_d, K_h, K_w]`. A normalisation that stands alone is one of a
//! single tap, whose weight is ±127: nothing is lost of its scale.
//!
//! Packed: ⌈C / 16⌉ blocks as those of [`conv`](super::conv), with `[⌈taps / 4⌉][16][4]` weights.
#![allow(unsafe_code)]

use super::Output;
use super::requantize::{BLOCK_PARAMETERS, Bounds};
use super::strip::{self, Strips};
use crate::ops::geometry::Conv;
use crate::simd::integers::{IntegerKernel, Integers, QUAD, Weights};
use crate::simd::{Isa, LANES};
use convnet_shape::plan::integer::SLACK;

/// Taps whose addresses are kept: 7 · 7 and 3 · 3 · 3 and some more. Those of larger windows are computed where they are used.
const KEPT: usize = 64;

const fn block_bytes(g: &Conv) -> usize {
    BLOCK_PARAMETERS + g.taps().div_ceil(QUAD) * size_of::<Weights>()
}

/// Bytes of a packed weight, with bias and factors.
pub const fn packed_bytes(g: &Conv) -> usize {
    g.out_channels.div_ceil(LANES) * block_bytes(g)
}

/// Packs weight `[C, 1, K_d, K_h, K_w]` with what each output channel has beside it.
pub fn pack(g: &Conv, weight: &[i8], outputs: &[Output], packed: &mut [u8]) {
    assert_eq!(weight.len(), g.weight_len(), "the weight is [C, 1, K_d, K_h, K_w]");
    assert_eq!(outputs.len(), g.out_channels, "every channel has a bias and a factor");
    assert_eq!(packed.len(), packed_bytes(g), "the packed weight has packed_bytes values");
    packed.fill(0);
    for (index, block) in packed.chunks_exact_mut(block_bytes(g)).enumerate() {
        let first = index * LANES;
        for (lane, output) in outputs[first..].iter().take(LANES).enumerate() {
            output.write(lane, block);
            for (tap, weight) in weight[(first + lane) * g.taps()..][..g.taps()].iter().enumerate() {
                let quad = BLOCK_PARAMETERS + tap / QUAD * size_of::<Weights>();
                block[quad + lane * QUAD + tap % QUAD] = *weight as u8;
            }
        }
    }
}

/// Output ← requantised weight ∗ input, with the zero point of the input; lengths as in [`conv::forward`](super::conv::forward).
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
    assert_eq!(input.len(), g.input_len() + SLACK, "the input is [D, H, W, C] and slack");
    assert_eq!(output.len(), g.output_len() + SLACK, "the output is [D', H', W', C] and slack");
    assert_eq!(packed.len(), packed_bytes(g), "the packed weight has packed_bytes values");
    assert!(scratch.len() >= strip::scratch_bytes(g), "a padded convolution copies strips");
    isa.run_integers(Depthwise { g, strips: Strips::new(g), input, zero, packed, bounds, output, scratch });
}

/// A convolution with all its operands.
struct Depthwise<'a> {
    g: &'a Conv,
    strips: Strips,
    input: &'a [u8],
    zero: u8,
    packed: &'a [u8],
    bounds: Bounds,
    output: &'a mut [u8],
    scratch: &'a mut [u8],
}

/// Where taps lie from the first one.
struct Taps {
    kernel: [usize; 3],
    strides: [usize; 3],
    kept: [u32; KEPT],
}

impl Taps {
    fn new(g: &Conv, strips: &Strips) -> Self {
        let kernel = g.axes.map(|axis| axis.kernel);
        let mut taps = Self { kernel, strides: strip::tap_strides(g, strips), kept: [0; KEPT] };
        for tap in 0..KEPT.min(g.taps()) {
            taps.kept[tap] = taps.compute(tap) as u32;
        }
        taps
    }

    fn compute(&self, tap: usize) -> usize {
        let [_, height, width] = self.kernel;
        let [plane, row, column] = self.strides;
        tap / (height * width) * plane + tap / width % height * row + tap % width * column
    }

    #[inline(always)]
    fn at(&self, tap: usize) -> usize {
        if tap < KEPT { self.kept[tap] as usize } else { self.compute(tap) }
    }
}

impl IntegerKernel for Depthwise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Integers>(mut self, integers: I) {
        let [depth, height, _] = self.g.axes;
        let taps = Taps::new(self.g, &self.strips);
        for d in 0..depth.output {
            let mut row = 0;
            while row < height.output {
                let rows = self.strips.rows.min(height.output - row);
                if !strip::is_direct(self.g) {
                    strip::copy(self.g, &self.strips, [d, row, rows], self.zero, self.input, self.scratch);
                }
                for own in 0..rows {
                    self.row(integers, &taps, [d, row, own]);
                }
                row += rows;
            }
        }
    }
}

impl Depthwise<'_> {
    /// Row `first + row` at a depth, `row` being counted in its strip.
    #[inline(always)]
    fn row<I: Integers>(&mut self, integers: I, taps: &Taps, [depth, first, row]: [usize; 3]) {
        let [_, heights, widths] = self.g.axes;
        let is_direct = strip::is_direct(self.g);
        let start = if is_direct { strip::first_byte(self.g, depth, first) } else { 0 };
        let start = start + row * strip::row_stride(self.g, &self.strips);
        let to = (depth * heights.output + first + row) * widths.output * self.g.out_channels;
        // Tiles of nearly one width, as in `tiles`.
        let tiles = widths.output.div_ceil(I::POSITIONS_BY_CHANNEL);
        for tile in 0..tiles {
            let [position, end] = [tile, tile + 1].map(|tile| tile * widths.output / tiles);
            let places = [start + position * widths.stride * self.g.in_channels, to + position * self.g.out_channels];
            match end - position {
                1 => self.tile::<I, 1>(integers, taps, places),
                2 if I::POSITIONS_BY_CHANNEL >= 2 => self.tile::<I, 2>(integers, taps, places),
                3 if I::POSITIONS_BY_CHANNEL >= 3 => self.tile::<I, 3>(integers, taps, places),
                4 if I::POSITIONS_BY_CHANNEL >= 4 => self.tile::<I, 4>(integers, taps, places),
                5 if I::POSITIONS_BY_CHANNEL >= 5 => self.tile::<I, 5>(integers, taps, places),
                6 if I::POSITIONS_BY_CHANNEL >= 6 => self.tile::<I, 6>(integers, taps, places),
                _ => unreachable!("a tile has at most 6 positions"),
            }
        }
    }

    /// All channels of `P` positions from bytes `from` and `to` on.
    #[inline(always)]
    fn tile<I: Integers, const P: usize>(&mut self, integers: I, taps: &Taps, [from, to]: [usize; 2]) {
        let g = self.g;
        let channels = g.out_channels;
        let step = g.axes[2].stride * g.in_channels;
        let input = if strip::is_direct(g) { self.input } else { &*self.scratch };
        let (count, last) = (g.taps(), taps.at(g.taps() - 1));
        // The last tap is the farthest, and the last block begins below `channels`.
        assert!(
            from + (P - 1) * step + last + channels.next_multiple_of(LANES) <= input.len(),
            "taps lie in the input"
        );
        for (index, block) in self.packed.chunks_exact(block_bytes(g)).enumerate() {
            let channel = index * LANES;
            let (parameters, weights) = block.split_first_chunk().expect("a block has parameters");
            let mut sums = [integers.zero(); P];
            for (quad, weights) in weights.as_chunks::<{ size_of::<Weights>() }>().0.iter().enumerate() {
                // Beyond the last tap weights are 0.
                let mut offsets = [0; QUAD];
                for tap in 0..QUAD {
                    offsets[tap] = taps.at((quad * QUAD + tap).min(count - 1));
                }
                for p in 0..P {
                    let at = from + p * step + channel;
                    let mut values = [&[0; LANES]; QUAD];
                    for tap in 0..QUAD {
                        // SAFETY: 16 bytes from there on end at or before those of the last tap, last position and last block,
                        // which are inside by the assertion; bytes have no alignment.
                        values[tap] = unsafe { &*input.as_ptr().add(at + offsets[tap]).cast::<[u8; LANES]>() };
                    }
                    sums[p] = integers.multiply_add_taps(sums[p], weights, values);
                }
            }
            for p in 0..P {
                let bytes = integers.requantize(sums[p], parameters, self.bounds);
                let (at, left) = (to + p * channels + channel, channels - channel);
                // Beyond the last channel are those of the next position: they are not to be written if they are there already.
                if left >= LANES || (P == 1 && index == 0) {
                    self.output[at..at + LANES].copy_from_slice(&bytes);
                } else {
                    self.output[at..at + left].copy_from_slice(&bytes[..left]);
                }
            }
        }
    }
}
