//! Plain Rust: loops over sixteen lanes, for the compiler to make of them what the target has.

use super::{Integers, LANES, QUAD, Weights};
use crate::ops::quantized::requantize::{BLOCK_PARAMETERS, Bounds, Parameters, requantize};

/// Every target has arrays.
#[derive(Clone, Copy)]
pub(super) struct Plain;

/// Sixteen sums as bytes.
#[inline(always)]
pub(super) fn requantize_lanes(sums: [i32; LANES], parameters: &[u8; BLOCK_PARAMETERS], bounds: Bounds) -> [u8; LANES] {
    let parameters = Parameters::new(parameters);
    let mut bytes = [0; LANES];
    for lane in 0..LANES {
        let (multiplier, shift) = (parameters.multiplier(lane), parameters.shift(lane));
        bytes[lane] = requantize(sums[lane].wrapping_add(parameters.bias(lane)), multiplier, shift, bounds);
    }
    bytes
}

impl Integers for Plain {
    type Sums = [i32; LANES];
    type Inputs = [i32; QUAD];

    // A microcontroller has sixteen registers, which not even the sums of one position fit.
    const POSITIONS: usize = 1;
    const BLOCKS: usize = 1;
    const POSITIONS_BY_CHANNEL: usize = 1;
    const BLOCKS_OF_ONE: usize = 1;

    #[inline(always)]
    fn zero(self) -> Self::Sums {
        [0; LANES]
    }

    #[inline(always)]
    fn inputs(self, inputs: [u8; QUAD]) -> [i32; QUAD] {
        inputs.map(i32::from)
    }

    #[inline(always)]
    fn multiply_add(self, mut sums: Self::Sums, weights: &Weights, inputs: [i32; QUAD]) -> Self::Sums {
        for lane in 0..LANES {
            for i in 0..QUAD {
                // Sums of a layer fit 32 bits, those on the way need not.
                sums[lane] = sums[lane].wrapping_add(i32::from(weights[QUAD * lane + i] as i8) * inputs[i]);
            }
        }
        sums
    }

    #[inline(always)]
    fn multiply_add_taps(self, mut sums: Self::Sums, weights: &Weights, taps: [&[u8; LANES]; QUAD]) -> Self::Sums {
        for lane in 0..LANES {
            for tap in 0..QUAD {
                let product = i32::from(weights[QUAD * lane + tap] as i8) * i32::from(taps[tap][lane]);
                sums[lane] = sums[lane].wrapping_add(product);
            }
        }
        sums
    }

    #[inline(always)]
    fn requantize(self, sums: Self::Sums, parameters: &[u8; BLOCK_PARAMETERS], bounds: Bounds) -> [u8; LANES] {
        requantize_lanes(sums, parameters, bounds)
    }
}
