//! AVX2, FMA and F16C: a vector is two registers.
#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::{Isa, Kernel, Kind, LANES, Simd};

/// The CPU has AVX2, FMA and F16C.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

/// Runs a kernel where `isa` says that this is what the CPU has.
#[inline]
pub(super) fn run<K: Kernel>(isa: Isa, kernel: K) -> K::Output {
    assert!(isa.0 == Kind::Avx2);
    // SAFETY: an `Isa` of this kind is only made by `Isa::available`, which has asked for all three features.
    unsafe { shell(kernel) }
}

#[inline(never)]
#[target_feature(enable = "avx2,fma,f16c")]
fn shell<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Avx2(()))
}

impl Simd for Avx2 {
    type Vector = [__m256; 2];

    const REGISTERS: usize = 8;

    #[inline(always)]
    fn splat(self, value: f32) -> [__m256; 2] {
        // SAFETY: the token exists only inside `shell`, where AVX2 is there.
        [unsafe { _mm256_set1_ps(value) }; 2]
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> [__m256; 2] {
        // SAFETY: the token, as above; floats 0..8 and 8..16 of 16 are read, at no particular alignment.
        unsafe { [_mm256_loadu_ps(from.as_ptr()), _mm256_loadu_ps(from.as_ptr().add(8))] }
    }

    #[inline(always)]
    fn store(self, [low, high]: [__m256; 2], to: &mut [f32; LANES]) {
        // SAFETY: the token, as above; floats 0..8 and 8..16 of 16 are written, at no particular alignment.
        unsafe {
            _mm256_storeu_ps(to.as_mut_ptr(), low);
            _mm256_storeu_ps(to.as_mut_ptr().add(8), high);
        }
    }

    #[inline(always)]
    fn add(self, a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: the token, as above.
        unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn subtract(self, a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: the token, as above.
        unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn multiply(self, a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: the token, as above.
        unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn divide(self, a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: the token, as above.
        unsafe { [_mm256_div_ps(a[0], b[0]), _mm256_div_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn max(self, a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: the token, as above.
        unsafe { [_mm256_max_ps(a[0], b[0]), _mm256_max_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn min(self, a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: the token, as above.
        unsafe { [_mm256_min_ps(a[0], b[0]), _mm256_min_ps(a[1], b[1])] }
    }

    #[inline(always)]
    fn sqrt(self, a: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: the token, as above.
        unsafe { [_mm256_sqrt_ps(a[0]), _mm256_sqrt_ps(a[1])] }
    }

    #[inline(always)]
    fn larger(self, a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: the token, as above. Where `a` is NaN it stays; where `b` is, the maximum is `b`.
        let larger = |a, b| unsafe { _mm256_blendv_ps(_mm256_max_ps(a, b), a, _mm256_cmp_ps::<_CMP_UNORD_Q>(a, a)) };
        [larger(a[0], b[0]), larger(a[1], b[1])]
    }

    #[inline(always)]
    fn apart<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: the token, as above; `shell` asks for no other feature.
        unsafe { shell(kernel) }
    }

    #[inline(always)]
    fn multiply_add(self, a: [__m256; 2], b: [__m256; 2], c: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: the token, as above; FMA is there too.
        unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
    }

    #[inline(always)]
    fn load_f16(self, from: &[u16; LANES]) -> [__m256; 2] {
        let from = from.as_chunks::<8>().0;
        // SAFETY: the token, as above, and F16C is there too; each half has 16 bytes to read, at no particular alignment.
        [0, 1].map(|half| unsafe { _mm256_cvtph_ps(_mm_loadu_si128(from[half].as_ptr().cast())) })
    }

    #[inline(always)]
    fn load_bf16(self, from: &[u16; LANES]) -> [__m256; 2] {
        let from = from.as_chunks::<8>().0;
        // SAFETY: the token, as above; each half has 16 bytes to read, at no particular alignment.
        [0, 1].map(|half| unsafe {
            let wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(from[half].as_ptr().cast()));
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(wide))
        })
    }

    #[inline(always)]
    fn load_i8(self, from: &[i8; LANES]) -> [__m256; 2] {
        let from = from.as_chunks::<8>().0;
        // SAFETY: the token, as above; each half has the 8 bytes that are read, at no particular alignment.
        [0, 1].map(|half| unsafe {
            _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(from[half].as_ptr().cast())))
        })
    }
}
