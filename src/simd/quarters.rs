//! 128-bit registers, which the program is compiled for: a vector is four of them.
#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
use core::arch::aarch64::{
    float32x4_t as Register, vaddq_f32 as add, vdivq_f32 as divide, vdupq_n_f32 as splat, vld1q_f32 as load,
    vmaxq_f32 as larger, vmulq_f32 as multiply, vsqrtq_f32 as sqrt, vst1q_f32 as store, vsubq_f32 as subtract,
};
#[cfg(target_arch = "wasm32")]
use core::arch::wasm32::{
    f32x4_add as add, f32x4_div as divide, f32x4_max as larger, f32x4_mul as multiply, f32x4_splat as splat,
    f32x4_sqrt as sqrt, f32x4_sub as subtract, v128 as Register,
};
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::{
    __m128 as Register, _mm_add_ps as add, _mm_div_ps as divide, _mm_loadu_ps as load, _mm_max_ps as max,
    _mm_min_ps as min, _mm_mul_ps as multiply, _mm_set1_ps as splat, _mm_sqrt_ps as sqrt, _mm_storeu_ps as store,
    _mm_sub_ps as subtract,
};

use super::{Kernel, LANES, Simd};

/// NEON, SSE2 or SIMD128, whichever the program is compiled for.
#[derive(Clone, Copy)]
pub(super) struct Quarters(());

/// Runs a kernel: the instructions are there on every CPU that the program can run on.
///
/// A function of its own, as the other sets need one, so that a disassembly shows by name what is compiled for these
/// instructions (`tests/isa/run.sh` counts it).
#[inline(never)]
pub(super) fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Quarters(()))
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

/// a where a > b, b elsewhere.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
unsafe fn max(a: Register, b: Register) -> Register {
    use core::arch::aarch64::{vbslq_f32, vcgtq_f32};
    // SAFETY: this file is compiled only for targets with NEON.
    unsafe { vbslq_f32(vcgtq_f32(a, b), a, b) }
}

/// a where a < b, b elsewhere.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
unsafe fn min(a: Register, b: Register) -> Register {
    use core::arch::aarch64::{vbslq_f32, vcltq_f32};
    // SAFETY: this file is compiled only for targets with NEON.
    unsafe { vbslq_f32(vcltq_f32(a, b), a, b) }
}

/// a where a > b, b elsewhere: what pmax has for its operands the other way round.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
fn max(a: Register, b: Register) -> Register {
    core::arch::wasm32::f32x4_pmax(b, a)
}

/// a where a < b, b elsewhere.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
fn min(a: Register, b: Register) -> Register {
    core::arch::wasm32::f32x4_pmin(b, a)
}

/// The larger, NaN if either is; the other two architectures have an instruction for it.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn larger(a: Register, b: Register) -> Register {
    use core::arch::x86_64::{_mm_and_ps, _mm_andnot_ps, _mm_cmpunord_ps, _mm_or_ps};
    // SAFETY: this file is compiled only for targets with SSE2. Where `a` is NaN it stays; where `b` is, the maximum is `b`.
    unsafe {
        let stays = _mm_cmpunord_ps(a, a);
        _mm_or_ps(_mm_and_ps(stays, a), _mm_andnot_ps(stays, max(a, b)))
    }
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
    fn subtract(self, a: [Register; 4], b: [Register; 4]) -> [Register; 4] {
        // SAFETY: this file is compiled only for targets with these instructions.
        [0, 1, 2, 3].map(|quarter| unsafe { subtract(a[quarter], b[quarter]) })
    }

    #[inline(always)]
    fn multiply(self, a: [Register; 4], b: [Register; 4]) -> [Register; 4] {
        // SAFETY: this file is compiled only for targets with these instructions.
        [0, 1, 2, 3].map(|quarter| unsafe { multiply(a[quarter], b[quarter]) })
    }

    #[inline(always)]
    fn divide(self, a: [Register; 4], b: [Register; 4]) -> [Register; 4] {
        // SAFETY: this file is compiled only for targets with these instructions.
        [0, 1, 2, 3].map(|quarter| unsafe { divide(a[quarter], b[quarter]) })
    }

    #[inline(always)]
    fn max(self, a: [Register; 4], b: [Register; 4]) -> [Register; 4] {
        // SAFETY: this file is compiled only for targets with these instructions.
        [0, 1, 2, 3].map(|quarter| unsafe { max(a[quarter], b[quarter]) })
    }

    #[inline(always)]
    fn min(self, a: [Register; 4], b: [Register; 4]) -> [Register; 4] {
        // SAFETY: this file is compiled only for targets with these instructions.
        [0, 1, 2, 3].map(|quarter| unsafe { min(a[quarter], b[quarter]) })
    }

    #[inline(always)]
    fn larger(self, a: [Register; 4], b: [Register; 4]) -> [Register; 4] {
        // SAFETY: this file is compiled only for targets with these instructions.
        [0, 1, 2, 3].map(|quarter| unsafe { larger(a[quarter], b[quarter]) })
    }

    #[inline(always)]
    fn sqrt(self, a: [Register; 4]) -> [Register; 4] {
        // SAFETY: this file is compiled only for targets with these instructions.
        a.map(|quarter| unsafe { sqrt(quarter) })
    }

    #[inline(always)]
    fn apart<K: Kernel>(self, kernel: K) -> K::Output {
        run(kernel)
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
