//! AVX-512F: a vector is one register.
#![allow(unsafe_code)]

use core::arch::x86_64::*;

use super::{Isa, Kernel, Kind, LANES, Simd};

/// The CPU has AVX-512F, AVX2 and FMA.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

/// The CPU has AVX512-BF16 too.
#[derive(Clone, Copy)]
pub(super) struct Avx512Bf16(());

/// Runs a kernel where `isa` says that this is what the CPU has.
#[inline]
pub(super) fn run<K: Kernel>(isa: Isa, kernel: K) -> K::Output {
    assert!(isa.0 == Kind::Avx512);
    // SAFETY: an `Isa` of this kind is only made by `Isa::available`, which has asked for all three features.
    unsafe { shell(kernel) }
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx2,fma")]
fn shell<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Avx512(()))
}

/// Runs a kernel where `isa` says that this is what the CPU has, with AVX512-BF16.
#[inline]
pub(super) fn run_with_dots<K: Kernel>(isa: Isa, kernel: K) -> K::Output {
    assert!(isa.0 == Kind::Avx512 && isa.has_dots());
    // SAFETY: as above, and `has_dots` has asked for AVX512-BF16.
    unsafe { shell_with_dots(kernel) }
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512bf16,avx2,fma")]
fn shell_with_dots<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Avx512Bf16(()))
}

/// What both tokens have.
macro_rules! instructions {
    ($token:ident, $shell:ident, $($more:tt)*) => {
impl Simd for $token {
    type Vector = __m512;

    const REGISTERS: usize = 32;

    #[inline(always)]
    fn splat(self, value: f32) -> __m512 {
        // SAFETY: a token exists only inside its shell, where AVX-512F is there.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> __m512 {
        // SAFETY: the token, as above; 16 floats are 64 bytes, all of which are read, at no particular alignment.
        unsafe { _mm512_loadu_ps(from.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, vector: __m512, to: &mut [f32; LANES]) {
        // SAFETY: the token, as above; 16 floats are 64 bytes, all of which are written, at no particular alignment.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), vector) }
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token, as above.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    fn subtract(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token, as above.
        unsafe { _mm512_sub_ps(a, b) }
    }

    #[inline(always)]
    fn multiply(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token, as above.
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    fn divide(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token, as above.
        unsafe { _mm512_div_ps(a, b) }
    }

    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token, as above.
        unsafe { _mm512_max_ps(a, b) }
    }

    #[inline(always)]
    fn min(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token, as above.
        unsafe { _mm512_min_ps(a, b) }
    }

    #[inline(always)]
    fn sqrt(self, a: __m512) -> __m512 {
        // SAFETY: the token, as above.
        unsafe { _mm512_sqrt_ps(a) }
    }

    #[inline(always)]
    fn larger(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token, as above.
        unsafe { _mm512_mask_max_ps(a, _mm512_cmp_ps_mask::<_CMP_ORD_Q>(a, a), a, b) }
    }

    #[inline(always)]
    fn apart<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: the token, as above; its shell asks for no other feature.
        unsafe { $shell(kernel) }
    }

    #[inline(always)]
    fn multiply_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: the token, as above.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn store_first(self, vector: __m512, to: &mut [f32]) {
        let mask = if to.len() >= LANES { u16::MAX } else { (1 << to.len()) - 1 };
        // SAFETY: the token, as above; lanes beyond the slice are masked out, and a masked lane is not written.
        unsafe { _mm512_mask_storeu_ps(to.as_mut_ptr(), mask, vector) }
    }

    #[inline(always)]
    fn load_f16(self, from: &[u16; LANES]) -> __m512 {
        // SAFETY: the token, as above; 16 values are 32 bytes, all of which are read, at no particular alignment.
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(from.as_ptr().cast())) }
    }

    #[inline(always)]
    fn load_bf16(self, from: &[u16; LANES]) -> __m512 {
        // SAFETY: the token, as above; 16 values are 32 bytes, all of which are read, at no particular alignment.
        unsafe {
            let wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(from.as_ptr().cast()));
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(wide))
        }
    }

    #[inline(always)]
    fn load_i8(self, from: &[i8; LANES]) -> __m512 {
        // SAFETY: the token, as above; 16 values are 16 bytes, all of which are read, at no particular alignment.
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(from.as_ptr().cast()))) }
    }

    #[inline(always)]
    fn load_first(self, from: &[f32]) -> __m512 {
        let mask = if from.len() >= LANES { u16::MAX } else { (1 << from.len()) - 1 };
        // SAFETY: the token, as above; lanes beyond the slice are masked out, and a masked lane is not read.
        unsafe { _mm512_maskz_loadu_ps(mask, from.as_ptr()) }
    }

    $($more)*
}
    };
}

instructions!(Avx512, shell,);

instructions! { Avx512Bf16, shell_with_dots,
    const HAS_DOTS: bool = true;

    #[inline(always)]
    fn add_dots(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: the token exists only inside `shell_with_dots`, where AVX512-BF16 is there; the three have 64 bytes each.
        unsafe { _mm512_dpbf16_ps(c, core::mem::transmute::<__m512, __m512bh>(a), core::mem::transmute::<__m512, __m512bh>(b)) }
    }

    #[inline(always)]
    fn store_pairs(self, vector: __m512, to: &mut [f32; LANES / 2]) {
        // SAFETY: the token, as above; 16 values of 16 bits are 32 bytes, all of which are written, at no particular alignment.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), core::mem::transmute::<__m256bh, __m256i>(_mm512_cvtneps_pbh(vector))) }
    }
}
