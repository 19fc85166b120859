//! Plain Rust as if it were instructions: a vector is an array, and every operation a loop over it.
//!
//! For kernels that are written once, over `Simd`, and need no form of their own for [`Isa::PORTABLE`](super::Isa).

use super::{LANES, Simd};

/// No instructions at all.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Simd for Plain {
    type Vector = [f32; LANES];

    /// What LLVM makes of it with 16 registers of 128 bits.
    const REGISTERS: usize = 4;

    #[inline(always)]
    fn splat(self, value: f32) -> [f32; LANES] {
        [value; LANES]
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> [f32; LANES] {
        *from
    }

    #[inline(always)]
    fn store(self, vector: [f32; LANES], to: &mut [f32; LANES]) {
        *to = vector;
    }

    #[inline(always)]
    fn add(self, mut a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
        for lane in 0..LANES {
            a[lane] += b[lane];
        }
        a
    }

    #[inline(always)]
    fn multiply_add(self, a: [f32; LANES], b: [f32; LANES], mut c: [f32; LANES]) -> [f32; LANES] {
        for lane in 0..LANES {
            c[lane] += a[lane] * b[lane];
        }
        c
    }
}
