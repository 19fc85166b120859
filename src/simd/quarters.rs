//! 128-bit registers, which the program is compiled for: a vector is four of them.
#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
use core::arch::aarch64::{
    float32x4_t as Register, vaddq_f32 as add, vdupq_n_f32 as splat, vld1q_f32 as load, vst1q_f32 as store,
};
#[cfg(target_arch = "wasm32")]
use core::arch::wasm32::{f32x4_add as add, f32x4_splat as splat, v128 as Register};
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::{
    __m128 as Register, _mm_add_ps as add, _mm_loadu_ps as load, _mm_set1_ps as splat, _mm_storeu_ps as store,
};

use super::{LANES, Simd};

/// NEON, SSE2 or SIMD128, whichever the program is compiled for.
#[derive(Clone, Copy)]
pub(super) struct Quarters(());

impl Quarters {
    /// The instructions are there on every CPU that the program can run on.
    pub(super) const fn of_the_target() -> Self {
        Self(())
    }
}

#[cfg(target_arch = "wasm32")]
#[inline(always)]
unsafe fn load(from: *const f32) -> Register {
    // SAFETY: the caller's pointer has four floats to read; the instruction takes any alignment.
    unsafe { core::arch::wasm32::v128_load(from.cast()) }
}

#[cfg(target_arch = "wasm32")]
#[inline(always)]
unsafe fn store(to: *mut f32, register: Register) {
    // SAFETY: the caller's pointer has four floats to write; the instruction takes any alignment.
    unsafe { core::arch::wasm32::v128_store(to.cast(), register) }
}

/// a · b + c.
#[inline(always)]
fn multiply_add(a: Register, b: Register, c: Register) -> Register {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: this file is compiled only for targets with SSE2.
    return unsafe { add(core::arch::x86_64::_mm_mul_ps(a, b), c) };
    #[cfg(target_arch = "aarch64")]
    // SAFETY: this file is compiled only for targets with NEON.
    return unsafe { core::arch::aarch64::vfmaq_f32(c, a, b) };
    #[cfg(target_arch = "wasm32")]
    return add(core::arch::wasm32::f32x4_mul(a, b), c);
}

#[allow(unused_unsafe)] // where an intrinsic is safe on one architecture and not on another
impl Simd for Quarters {
    type Vector = [Register; 4];

    const REGISTERS: usize = if cfg!(target_arch = "aarch64") { 8 } else { 4 };

    #[inline(always)]
    fn splat(self, value: f32) -> [Register; 4] {
        // SAFETY: this file is compiled only for targets with these instructions.
        [unsafe { splat(value) }; 4]
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> [Register; 4] {
        let from = from.as_chunks::<4>().0;
        // SAFETY: each quarter has four floats to read, and none of the three loads asks for alignment.
        [0, 1, 2, 3].map(|quarter| unsafe { load(from[quarter].as_ptr()) })
    }

    #[inline(always)]
    fn store(self, vector: [Register; 4], to: &mut [f32; LANES]) {
        let to = to.as_chunks_mut::<4>().0;
        for (to, quarter) in to.iter_mut().zip(vector) {
            // SAFETY: each quarter has four floats to write, and none of the three stores asks for alignment.
            unsafe { store(to.as_mut_ptr(), quarter) }
        }
    }

    #[inline(always)]
    fn add(self, a: [Register; 4], b: [Register; 4]) -> [Register; 4] {
        // SAFETY: this file is compiled only for targets with these instructions.
        [0, 1, 2, 3].map(|quarter| unsafe { add(a[quarter], b[quarter]) })
    }

    #[inline(always)]
    fn multiply_add(self, a: [Register; 4], b: [Register; 4], c: [Register; 4]) -> [Register; 4] {
        [0, 1, 2, 3].map(|quarter| multiply_add(a[quarter], b[quarter], c[quarter]))
    }

    // The other two loads, and this one elsewhere, are loops that the compiler turns into vectors by itself.
    #[cfg(target_arch = "aarch64")]
    #[inline(always)]
    fn load_f16(self, from: &[u16; LANES]) -> [Register; 4] {
        use core::arch::aarch64::{vcvt_f32_f16, vld1_u16, vreinterpret_f16_u16};

        let from = from.as_chunks::<4>().0;
        // SAFETY: this file is compiled only for targets with NEON; each quarter has four values to read, at no
        // particular alignment.
        [0, 1, 2, 3].map(|quarter| unsafe { vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from[quarter].as_ptr()))) })
    }
}
