//! Plain Rust for vectors of 128 bits: the four products of an output are added up at the end, so that nothing crosses lanes
//! before.
//!
//! NEON makes `smlal` of it, four products each, with the 64 sums in 16 of its 32 registers; WebAssembly `i32x4.extmul`.

use super::plain::requantize_lanes;
use super::{Integers, LANES, QUAD, Weights};
use crate::ops::quantized::requantize::{BLOCK_PARAMETERS, Bounds};

/// The target has vectors, or does as if.
#[derive(Clone, Copy)]
pub(super) struct Lanes;

impl Integers for Lanes {
    /// `[16][4]`: for each output its sums of first, second, third and fourth products.
    type Sums = [i32; LANES * QUAD];
    type Inputs = [i16; QUAD];

    const POSITIONS: usize = 1;
    const BLOCKS: usize = 1;
    const POSITIONS_BY_CHANNEL: usize = 1;
    const BLOCKS_OF_ONE: usize = 1;

    #[inline(always)]
    fn zero(self) -> Self::Sums {
        [0; LANES * QUAD]
    }

    #[inline(always)]
    fn inputs(self, inputs: [u8; QUAD]) -> [i16; QUAD] {
        inputs.map(i16::from)
    }

    #[inline(always)]
    fn multiply_add(self, mut sums: Self::Sums, weights: &Weights, inputs: [i16; QUAD]) -> Self::Sums {
        for i in 0..LANES * QUAD {
            let product = i32::from(i16::from(weights[i] as i8)) * i32::from(inputs[i % QUAD]);
            sums[i] = sums[i].wrapping_add(product);
        }
        sums
    }

    #[inline(always)]
    fn multiply_add_taps(self, mut sums: Self::Sums, weights: &Weights, taps: [&[u8; LANES]; QUAD]) -> Self::Sums {
        let mut inputs = [0; LANES * QUAD];
        for lane in 0..LANES {
            for tap in 0..QUAD {
                inputs[QUAD * lane + tap] = i16::from(taps[tap][lane]);
            }
        }
        for i in 0..LANES * QUAD {
            let product = i32::from(i16::from(weights[i] as i8)) * i32::from(inputs[i]);
            sums[i] = sums[i].wrapping_add(product);
        }
        sums
    }

    #[inline(always)]
    fn requantize(self, sums: Self::Sums, parameters: &[u8; BLOCK_PARAMETERS], bounds: Bounds) -> [u8; LANES] {
        let mut whole = [0_i32; LANES];
        for lane in 0..LANES {
            for i in 0..QUAD {
                whole[lane] = whole[lane].wrapping_add(sums[QUAD * lane + i]);
            }
        }
        requantize_lanes(whole, parameters, bounds)
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain::Plain;
    use super::*;

    /// These lanes run on other CPUs; that they add up the same is seen on all.
    #[test]
    fn sums_are_those_of_plain_loops() {
        let weights: Weights = core::array::from_fn(|i| (i * 37 + 11) as u8);
        let taps: [[u8; LANES]; QUAD] = core::array::from_fn(|tap| core::array::from_fn(|i| (tap * 91 + i * 53) as u8));
        let taps = taps.each_ref();
        let mut parameters = [0; BLOCK_PARAMETERS];
        for (i, value) in parameters.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            *value = [i as i32 * 100 - 700, 1 << 29, 3][i / LANES].to_le_bytes();
        }
        let bounds = Bounds { zero: 128, low: 3, high: 250 };
        let inputs = [255, 0, 17, 200];
        let lanes = Lanes.multiply_add(Lanes.zero(), &weights, Lanes.inputs(inputs));
        let plain = Plain.multiply_add(Plain.zero(), &weights, Plain.inputs(inputs));
        let expected = Plain.requantize(plain, &parameters, bounds);
        assert_eq!(Lanes.requantize(lanes, &parameters, bounds), expected);
        let lanes = Lanes.multiply_add_taps(lanes, &weights, taps);
        let plain = Plain.multiply_add_taps(plain, &weights, taps);
        assert_eq!(Lanes.requantize(lanes, &parameters, bounds), Plain.requantize(plain, &parameters, bounds));
        assert!(expected.iter().any(|byte| *byte > 3 && *byte < 250), "not all clamped: {expected:?}");
    }
}
