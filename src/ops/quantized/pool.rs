//! Pools of bytes. Input `[D, H, W, C]`, output `[D', H', W', C]`.
//!
//! The largest byte stands for the largest number, so a max pool computes nothing; padding is never the largest. A mean is a
//! sum, requantised with a factor for each number of cells that it may be divided by.

use super::requantize::{Bounds, Factor, requantize};
use crate::ops::geometry::{Axis, Pool, kernel_cells};
use crate::ops::pool::{Span, divisor, each_line, each_window};
use crate::simd::Isa;
use crate::simd::integers::{IntegerKernel, Integers};
use convnet_shape::plan::integer::SLACK;

/// Channels whose sums are on the stack at one time.
const CHANNELS: usize = 64;

/// Calls with the first byte of every cell under a window.
#[inline(always)]
fn each_cell(g: &Pool, spans: [Span; 3], mut cell: impl FnMut(usize)) {
    each_line(g, spans, |start| {
        for k in 0..spans[2].count {
            cell((start + k * g.axes[2].dilation) * g.channels);
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
        each_window(g, |position, spans| {
            let largest = &mut output[position * g.channels..][..g.channels];
            largest.fill(0);
            each_cell(g, spans, |cell| {
                for (largest, value) in largest.iter_mut().zip(&input[cell..]) {
                    *largest = (*largest).max(*value);
                }
            });
        });
    }
}

/// Numbers of cells that sums are divided by: one, or, where windows reach into padding or over the end, up to all.
pub const fn divisors(g: &Pool) -> usize {
    let mut axis = 0;
    while axis < 3 {
        let Axis { input, output, kernel, stride, dilation, padding } = g.axes[axis];
        let end = (output - 1) * stride + dilation * (kernel - 1) + 1;
        if padding[0] > 0 || padding[1] > 0 || end > input {
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
        each_window(g, |position, spans| {
            let cells: usize = spans.iter().map(|span| span.count).product();
            let factor = if factors.len() == 1 { 0 } else { divisor(g, position, spans) as usize - 1 };
            let [multiplier, shift] = *factors[factor].as_chunks::<4>().0 else { unreachable!("8 bytes are 2 · 4") };
            let (multiplier, shift) = (i32::from_le_bytes(multiplier), u32::from_le_bytes(shift).clamp(1, 31));
            let start = -(cells as i32) * i32::from(zero);
            for first in (0..g.channels).step_by(CHANNELS) {
                let count = CHANNELS.min(g.channels - first);
                let mut sums = [start; CHANNELS];
                each_cell(g, spans, |cell| {
                    for (sum, value) in sums[..count].iter_mut().zip(&input[cell + first..]) {
                        *sum += i32::from(*value);
                    }
                });
                let means = &mut output[position * g.channels + first..][..count];
                for (mean, sum) in means.iter_mut().zip(sums) {
                    *mean = requantize(sum << headroom(g), multiplier, shift, bounds);
                }
            }
        });
    }
}
