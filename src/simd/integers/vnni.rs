//! AVX-512 VNNI: sixteen sums are one register, and one instruction adds four products to each.
#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::avx2::interleave;
use super::{IntegerKernel, Integers, LANES, QUAD, Weights};
use crate::ops::quantized::requantize::{BLOCK_PARAMETERS, Bounds};
use crate::simd::{Isa, Kind};

/// The CPU has AVX-512F, BW, VL and VNNI.
#[derive(Clone, Copy)]
pub(super) struct Vnni(());

/// Whether the CPU has what this needs beside AVX-512F; asked once, the answer is kept by the standard library.
#[inline]
pub(super) fn is_available() -> bool {
    #[cfg(feature = "std")]
    return std::arch::is_x86_feature_detected!("avx512vnni")
        && std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512vl");
    #[cfg(not(feature = "std"))]
    return cfg!(all(target_feature = "avx512vnni", target_feature = "avx512bw", target_feature = "avx512vl"));
}

/// Runs a kernel where `isa` says that the CPU has AVX-512F, and the CPU has the rest.
#[inline]
pub(super) fn run<K: IntegerKernel>(isa: Isa, kernel: K) -> K::Output {
    assert!(isa.0 == Kind::Avx512 && is_available());
    // SAFETY: an `Isa` of this kind is only made by `Isa::available`, which has asked for AVX-512F; the CPU has just been asked
    // for the other features.
    unsafe { shell(kernel) }
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn shell<K: IntegerKernel>(kernel: K) -> K::Output {
    kernel.run(Vnni(()))
}

impl Integers for Vnni {
    type Sums = __m512i;
    type Inputs = __m512i;

    // 8 · 2 registers of sums, 2 of weights, 8 of inputs at most, of 32.
    const POSITIONS: usize = 8;
    const BLOCKS: usize = 2;
    const POSITIONS_BY_CHANNEL: usize = 6;
    // An instruction takes four or five cycles and one begins in each.
    const BLOCKS_OF_ONE: usize = 4;

    #[inline(always)]
    fn zero(self) -> __m512i {
        // SAFETY: the token exists only inside `shell`, where AVX-512F is there.
        unsafe { _mm512_setzero_si512() }
    }

    #[inline(always)]
    fn inputs(self, inputs: [u8; QUAD]) -> __m512i {
        // SAFETY: the token, as above.
        unsafe { _mm512_set1_epi32(i32::from_le_bytes(inputs)) }
    }

    #[inline(always)]
    fn multiply_add(self, sums: __m512i, weights: &Weights, inputs: __m512i) -> __m512i {
        // SAFETY: the token, as above; VNNI is there too; 64 bytes are read at no particular alignment.
        unsafe { _mm512_dpbusd_epi32(sums, inputs, _mm512_loadu_si512(weights.as_ptr().cast())) }
    }

    #[inline(always)]
    fn multiply_add_taps(self, sums: __m512i, weights: &Weights, taps: [&[u8; LANES]; QUAD]) -> __m512i {
        // SAFETY: the token, as above, implies SSE2 too; VNNI is there; 64 bytes are read at no particular alignment.
        unsafe {
            let [a, b, c, d] = interleave(taps);
            let low = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(a), b);
            let high = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(c), d);
            let inputs = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high);
            _mm512_dpbusd_epi32(sums, inputs, _mm512_loadu_si512(weights.as_ptr().cast()))
        }
    }

    #[inline(always)]
    fn requantize(self, sums: __m512i, parameters: &[u8; BLOCK_PARAMETERS], bounds: Bounds) -> [u8; LANES] {
        let (parameters, _) = parameters.as_chunks::<64>();
        let mut bytes = [0; LANES];
        // SAFETY: the token, as above; each load has its 64 bytes, and 16 are written, at no particular alignment.
        unsafe {
            let bias = _mm512_loadu_si512(parameters[0].as_ptr().cast());
            let multiplier = _mm512_loadu_si512(parameters[1].as_ptr().cast());
            let shift = _mm512_loadu_si512(parameters[2].as_ptr().cast());
            let sum = _mm512_add_epi32(sums, bias);
            let even = _mm512_srli_epi64::<32>(_mm512_mul_epi32(sum, multiplier));
            let odd = _mm512_mul_epi32(_mm512_srli_epi64::<32>(sum), _mm512_srli_epi64::<32>(multiplier));
            let high = _mm512_mask_blend_epi32(0b1010_1010_1010_1010, even, odd);
            let one = _mm512_set1_epi32(1);
            let rounding = _mm512_sllv_epi32(one, _mm512_sub_epi32(shift, one));
            let value = _mm512_srav_epi32(_mm512_add_epi32(high, rounding), shift);
            let value = _mm512_add_epi32(value, _mm512_set1_epi32(i32::from(bounds.zero)));
            let value = _mm512_max_epi32(value, _mm512_set1_epi32(i32::from(bounds.low)));
            let value = _mm512_min_epi32(value, _mm512_set1_epi32(i32::from(bounds.high)));
            _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(value));
        }
        bytes
    }
}
