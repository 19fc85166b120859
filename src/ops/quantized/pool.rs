//! Pools of bytes. Input `[D, H, W, C]`, output `[D', H', W', C]`.
//!
//! The largest byte stands for the largest number, so a max pool computes nothing; padding is never the largest. A mean is a
//! sum, requantised with a factor for each number of cells that it may be divided by.

use super::requantize::{Bounds, Factor, requantize};
use crate::ops::geometry::{Axis, Pool, kernel_cells};
use crate::ops::pool::{Span, divisor, each_line};
use crate::simd::integers::{IntegerKernel, Integers};
use crate::simd::{Isa, LANES};
use convnet_shape::plan::integer::SLACK;

/// Calls with every output position and the cells under its window, where they are the same for all positions of a row
/// without asking at each.
#[inline(always)]
fn each_position(g: &Pool, mut window: impl FnMut(usize, [Span; 3])) {
    let [depth, height, width] = &g.axes;
    let inside = width.padding[0] == 0 && end(width) <= width.input;
    let mut position = 0;
    for d in 0..depth.output {
        for h in 0..height.output {
            let (d, h) = (Span::new(depth, d), Span::new(height, h));
            for w in 0..width.output {
                let first = w * width.stride;
                let w = if inside { Span { first, count: width.kernel } } else { Span::new(width, w) };
                window(position, [d, h, w]);
                position += 1;
            }
        }
    }
}

/// Behind the last cell that a window reaches, counted with the padding before the input.
const fn end(axis: &Axis) -> usize {
    (axis.output - 1) * axis.stride + axis.dilation * (axis.kernel - 1) + 1
}

/// Calls with sixteen channels of every cell under a window.
#[inline(always)]
fn each_cell(g: &Pool, spans: [Span; 3], channel: usize, input: &[u8], mut cell: impl FnMut(&[u8; LANES])) {
    each_line(g, spans, |start| {
        for k in 0..spans[2].count {
            let first = (start + k * g.axes[2].dilation) * g.channels + channel;
            cell(input[first..].first_chunk().expect("there is slack behind the values"));
        }
    });
}

/// Output ← the largest byte under each window.
///
/// Input and output are [`SLACK`] bytes longer than their values.
pub fn max_forward(g: &Pool, input: &[u8], output: &mut [u8], isa: Isa) {
    assert_eq!(input.len(), g.input_len() + SLACK, "the input is [D, H, W, C] and slack");
    assert_eq!(output.len(), g.output_len() + SLACK, "the output is [D', H', W', C] and slack");
    isa.run_integers(Max { g, input, output });
}

struct Max<'a> {
    g: &'a Pool,
    input: &'a [u8],
    output: &'a mut [u8],
}

impl IntegerKernel for Max<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Integers>(self, _: I) {
        let Self { g, input, output } = self;
        each_position(g, |position, spans| {
            for channel in (0..g.channels).step_by(LANES) {
                let mut largest = [0; LANES];
                each_cell(g, spans, channel, input, |values| {
                    for lane in 0..LANES {
                        largest[lane] = largest[lane].max(values[lane]);
                    }
                });
                // What is beyond the last channel is written again by the next position, or slack.
                output[position * g.channels + channel..][..LANES].copy_from_slice(&largest);
            }
        });
    }
}

/// Numbers of cells that sums are divided by: one, or, where windows reach into padding or over the end, up to all.
pub const fn divisors(g: &Pool) -> usize {
    let mut axis = 0;
    while axis < 3 {
        let Axis { input, padding, .. } = g.axes[axis];
        if padding[0] > 0 || padding[1] > 0 || end(&g.axes[axis]) > input {
            return kernel_cells(&g.axes);
        }
        axis += 1;
    }
    1
}

/// Bytes of the factors: multiplier and shift for each divisor.
pub const fn packed_bytes(g: &Pool) -> usize {
    8 * divisors(g)
}

/// Bits by which sums are shifted to the left first, so that factors are small enough: 8, unless the sum of so many bytes has
/// no room for them.
pub const fn headroom(g: &Pool) -> u32 {
    if kernel_cells(&g.axes) <= 1 << 15 { 8 } else { 0 }
}

/// Packs the factors for a ratio of scales s_in / s_out.
pub fn pack(g: &Pool, ratio: f64, packed: &mut [u8]) {
    assert_eq!(packed.len(), packed_bytes(g), "there is a factor for each divisor");
    let count = divisors(g);
    for (index, packed) in packed.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let divisor = if count == 1 { kernel_cells(&g.axes) } else { index + 1 };
        let Factor { multiplier, shift } = Factor::new(ratio / (divisor << headroom(g)) as f64);
        packed[..4].copy_from_slice(&multiplier.to_le_bytes());
        packed[4..].copy_from_slice(&shift.to_le_bytes());
    }
}

/// Output ← the requantised mean of each window, with the zero point of the input.
///
/// Input and output are [`SLACK`] bytes longer than their values.
pub fn average_forward(g: &Pool, input: &[u8], zero: u8, packed: &[u8], bounds: Bounds, output: &mut [u8], isa: Isa) {
    assert_eq!(input.len(), g.input_len() + SLACK, "the input is [D, H, W, C] and slack");
    assert_eq!(output.len(), g.output_len() + SLACK, "the output is [D', H', W', C] and slack");
    assert_eq!(packed.len(), packed_bytes(g), "there is a factor for each divisor");
    isa.run_integers(Average { g, input, zero, packed, bounds, output });
}

struct Average<'a> {
    g: &'a Pool,
    input: &'a [u8],
    zero: u8,
    packed: &'a [u8],
    bounds: Bounds,
    output: &'a mut [u8],
}

impl IntegerKernel for Average<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Integers>(self, _: I) {
        let Self { g, input, zero, packed, bounds, output } = self;
        let factors = packed.as_chunks::<8>().0;
        each_position(g, |position, spans| {
            let cells: usize = spans.iter().map(|span| span.count).product();
            let factor = if factors.len() == 1 { 0 } else { divisor(g, position, spans) as usize - 1 };
            let [multiplier, shift] = *factors[factor].as_chunks::<4>().0 else { unreachable!("8 bytes are 2 · 4") };
            let (multiplier, shift) = (i32::from_le_bytes(multiplier), u32::from_le_bytes(shift).clamp(1, 31));
            let start = -(cells as i32) * i32::from(zero);
            for channel in (0..g.channels).step_by(LANES) {
                let mut sums = [start; LANES];
                each_cell(g, spans, channel, input, |values| {
                    for lane in 0..LANES {
                        // Of what is beyond the last channel anything may be added up.
                        sums[lane] = sums[lane].wrapping_add(i32::from(values[lane]));
                    }
                });
                let means = &mut output[position * g.channels + channel..][..LANES];
                for lane in 0..LANES {
                    means[lane] = requantize(sums[lane].wrapping_shl(headroom(g)), multiplier, shift, bounds);
                }
            }
        });
    }
}
