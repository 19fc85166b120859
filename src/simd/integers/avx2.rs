//! AVX2: sixteen sums are four registers of eight, two partial sums for each output.
#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::{IntegerKernel, Integers, LANES, QUAD, Weights};
use crate::ops::quantized::requantize::{BLOCK_PARAMETERS, Bounds};
use crate::simd::{Isa, Kind};

/// The CPU has AVX2.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

/// Runs a kernel where `isa` says that this is among what the CPU has.
#[inline]
pub(super) fn run<K: IntegerKernel>(isa: Isa, kernel: K) -> K::Output {
    assert!(isa.0 == Kind::Avx2 || isa.0 == Kind::Avx512);
    // SAFETY: an `Isa` of either kind is only made by `Isa::available`, which has asked for AVX2.
    unsafe { shell(kernel) }
}

#[inline(never)]
#[target_feature(enable = "avx2")]
fn shell<K: IntegerKernel>(kernel: K) -> K::Output {
    kernel.run(Avx2(()))
}

impl Integers for Avx2 {
    /// Register k: outputs 4k to 4k + 3, for each the sum of its first two products and that of the other two.
    type Sums = [__m256i; 4];
    type Inputs = __m256i;

    // 2 · 4 registers of sums, 2 of inputs, 1 of weights, 1 of products; a third position would be 17 of 16.
    const POSITIONS: usize = 2;
    const BLOCKS: usize = 1;
    const POSITIONS_BY_CHANNEL: usize = 2;
    // 2 · 4 sums, which is as many as two `vpaddd` a cycle keep busy.
    const BLOCKS_OF_ONE: usize = 2;

    #[inline(always)]
    fn zero(self) -> Self::Sums {
        // SAFETY: the token exists only inside `shell`, where AVX2 is there.
        [unsafe { _mm256_setzero_si256() }; 4]
    }

    #[inline(always)]
    fn inputs(self, inputs: [u8; QUAD]) -> __m256i {
        // SAFETY: the token, as above.
        unsafe { _mm256_cvtepu8_epi16(_mm_set1_epi32(i32::from_le_bytes(inputs))) }
    }

    #[inline(always)]
    fn multiply_add(self, mut sums: Self::Sums, weights: &Weights, inputs: __m256i) -> Self::Sums {
        let weights = weights.as_chunks::<16>().0;
        for k in 0..4 {
            // SAFETY: the token, as above; 16 weights are 16 bytes, all of which are read, at no particular alignment.
            unsafe {
                let wide = _mm256_cvtepi8_epi16(_mm_loadu_si128(weights[k].as_ptr().cast()));
                sums[k] = _mm256_add_epi32(sums[k], _mm256_madd_epi16(wide, inputs));
            }
        }
        sums
    }

    #[inline(always)]
    fn multiply_add_taps(self, mut sums: Self::Sums, weights: &Weights, taps: [&[u8; LANES]; QUAD]) -> Self::Sums {
        let weights = weights.as_chunks::<16>().0;
        // SAFETY: the token, as above, implies the SSE2 that interleaving needs; each load has its 16 bytes.
        unsafe {
            let inputs = interleave(taps);
            for k in 0..4 {
                let wide = _mm256_cvtepi8_epi16(_mm_loadu_si128(weights[k].as_ptr().cast()));
                let products = _mm256_madd_epi16(wide, _mm256_cvtepu8_epi16(inputs[k]));
                sums[k] = _mm256_add_epi32(sums[k], products);
            }
        }
        sums
    }

    #[inline(always)]
    fn requantize(self, sums: Self::Sums, parameters: &[u8; BLOCK_PARAMETERS], bounds: Bounds) -> [u8; LANES] {
        let (parameters, _) = parameters.as_chunks::<32>();
        let mut halves = [self.zero()[0]; 2];
        for half in 0..2 {
            // SAFETY: the token, as above; eight values of 32 bits are 32 bytes, all of which are read.
            unsafe {
                let bias = _mm256_loadu_si256(parameters[half].as_ptr().cast());
                let multiplier = _mm256_loadu_si256(parameters[2 + half].as_ptr().cast());
                let shift = _mm256_loadu_si256(parameters[4 + half].as_ptr().cast());
                // Outputs 0 1 4 5 | 2 3 6 7, and in order.
                let pairs = _mm256_hadd_epi32(sums[2 * half], sums[2 * half + 1]);
                let sum = _mm256_add_epi32(_mm256_permute4x64_epi64::<0b11_01_10_00>(pairs), bias);
                let even = _mm256_srli_epi64::<32>(_mm256_mul_epi32(sum, multiplier));
                let odd = _mm256_mul_epi32(_mm256_srli_epi64::<32>(sum), _mm256_srli_epi64::<32>(multiplier));
                let high = _mm256_blend_epi32::<0b1010_1010>(even, odd);
                let one = _mm256_set1_epi32(1);
                let rounding = _mm256_sllv_epi32(one, _mm256_sub_epi32(shift, one));
                let value = _mm256_srav_epi32(_mm256_add_epi32(high, rounding), shift);
                let value = _mm256_add_epi32(value, _mm256_set1_epi32(i32::from(bounds.zero)));
                let value = _mm256_max_epi32(value, _mm256_set1_epi32(i32::from(bounds.low)));
                halves[half] = _mm256_min_epi32(value, _mm256_set1_epi32(i32::from(bounds.high)));
            }
        }
        let mut bytes = [0; LANES];
        // SAFETY: the token, as above; 16 bytes are written at no particular alignment.
        unsafe {
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packus_epi32(halves[0], halves[1]));
            let words = [_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words)];
            _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm_packus_epi16(words[0], words[1]));
        }
        bytes
    }
}

/// Four taps of sixteen channels `[4][16]` as `[16][4]`.
///
/// # Safety
///
/// The CPU has SSE2.
#[inline(always)]
pub(super) unsafe fn interleave(taps: [&[u8; LANES]; QUAD]) -> [__m128i; 4] {
    // SAFETY: SSE2 as the caller says; each tap has the 16 bytes that are read.
    unsafe {
        let a = _mm_loadu_si128(taps[0].as_ptr().cast());
        let b = _mm_loadu_si128(taps[1].as_ptr().cast());
        let c = _mm_loadu_si128(taps[2].as_ptr().cast());
        let d = _mm_loadu_si128(taps[3].as_ptr().cast());
        let (ab, cd) = (_mm_unpacklo_epi8(a, b), _mm_unpacklo_epi8(c, d));
        let (ab_high, cd_high) = (_mm_unpackhi_epi8(a, b), _mm_unpackhi_epi8(c, d));
        [
            _mm_unpacklo_epi16(ab, cd),
            _mm_unpackhi_epi16(ab, cd),
            _mm_unpacklo_epi16(ab_high, cd_high),
            _mm_unpackhi_epi16(ab_high, cd_high),
        ]
    }
}
