//! SSE2: sixteen sums are eight registers of four, two partial sums for each output.
#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::avx2::interleave;
use super::plain::requantize_lanes;
use super::{IntegerKernel, Integers, LANES, QUAD, Weights};
use crate::ops::quantized::requantize::{BLOCK_PARAMETERS, Bounds};

/// The program is compiled for SSE2.
#[derive(Clone, Copy)]
pub(super) struct Sse2;

/// Runs a kernel.
pub(super) fn run<K: IntegerKernel>(kernel: K) -> K::Output {
    kernel.run(Sse2)
}

/// Sixteen bytes with a sign as two registers of 16 bits.
#[inline(always)]
fn signed(bytes: &[u8; LANES]) -> [__m128i; 2] {
    // SAFETY: this module is compiled only where SSE2 is there; 16 bytes are read, at no particular alignment.
    unsafe {
        let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
        // Each byte in the upper half of 16 bits, and down with its sign.
        [_mm_srai_epi16::<8>(_mm_unpacklo_epi8(bytes, bytes)), _mm_srai_epi16::<8>(_mm_unpackhi_epi8(bytes, bytes))]
    }
}

impl Integers for Sse2 {
    /// Register k: outputs 2k and 2k + 1, for each the sum of its first two products and that of the other two.
    type Sums = [__m128i; 8];
    type Inputs = __m128i;

    // 8 registers of sums, 1 of inputs, 2 of weights, 1 of products, of 16.
    const POSITIONS: usize = 1;
    const BLOCKS: usize = 1;
    const POSITIONS_BY_CHANNEL: usize = 1;
    const BLOCKS_OF_ONE: usize = 1;

    #[inline(always)]
    fn zero(self) -> Self::Sums {
        // SAFETY: this module is compiled only where SSE2 is there.
        [unsafe { _mm_setzero_si128() }; 8]
    }

    #[inline(always)]
    fn inputs(self, inputs: [u8; QUAD]) -> __m128i {
        // SAFETY: SSE2, as above.
        unsafe { _mm_unpacklo_epi8(_mm_set1_epi32(i32::from_le_bytes(inputs)), _mm_setzero_si128()) }
    }

    #[inline(always)]
    fn multiply_add(self, mut sums: Self::Sums, weights: &Weights, inputs: __m128i) -> Self::Sums {
        let weights = weights.as_chunks::<LANES>().0;
        for k in 0..4 {
            let [low, high] = signed(&weights[k]);
            // SAFETY: SSE2, as above.
            unsafe {
                sums[2 * k] = _mm_add_epi32(sums[2 * k], _mm_madd_epi16(low, inputs));
                sums[2 * k + 1] = _mm_add_epi32(sums[2 * k + 1], _mm_madd_epi16(high, inputs));
            }
        }
        sums
    }

    #[inline(always)]
    fn multiply_add_taps(self, mut sums: Self::Sums, weights: &Weights, taps: [&[u8; LANES]; QUAD]) -> Self::Sums {
        let weights = weights.as_chunks::<LANES>().0;
        // SAFETY: SSE2, as above.
        unsafe {
            let (inputs, zero) = (interleave(taps), _mm_setzero_si128());
            for k in 0..4 {
                let [low, high] = signed(&weights[k]);
                let (first, other) = (_mm_unpacklo_epi8(inputs[k], zero), _mm_unpackhi_epi8(inputs[k], zero));
                sums[2 * k] = _mm_add_epi32(sums[2 * k], _mm_madd_epi16(low, first));
                sums[2 * k + 1] = _mm_add_epi32(sums[2 * k + 1], _mm_madd_epi16(high, other));
            }
        }
        sums
    }

    #[inline(always)]
    fn requantize(self, sums: Self::Sums, parameters: &[u8; BLOCK_PARAMETERS], bounds: Bounds) -> [u8; LANES] {
        let mut whole = [0; LANES];
        for k in 0..8 {
            let mut halves = [0_i32; 4];
            // SAFETY: SSE2, as above; four values of 32 bits are 16 bytes, all of which are written.
            unsafe { _mm_storeu_si128(halves.as_mut_ptr().cast(), sums[k]) };
            whole[2 * k] = halves[0].wrapping_add(halves[1]);
            whole[2 * k + 1] = halves[2].wrapping_add(halves[3]);
        }
        requantize_lanes(whole, parameters, bounds)
    }
}
