//! Plain Rust as if it were instructions: a vector is an array, and the compiler makes of every operation what the target
//! has.
//!
//! For kernels that are written once, over `Simd`, and need no form of their own for [`Isa::PORTABLE`](super::Isa).

use super::{Kernel, LANES, Simd, multiply_add};

/// Every target has arrays.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

type Lanes = [f32; LANES];

#[inline(always)]
fn each(a: Lanes, b: Lanes, f: impl Fn(f32, f32) -> f32) -> Lanes {
    lanes(|lane| f(a[lane], b[lane]))
}

/// Where there are no vectors for it to find, the compiler optimises for size, more often than not, and leaves a loop over
/// lanes a loop, with its lanes in memory: on a Cortex-M4 that is seven times slower than lanes in registers. So there they are
/// written out.
#[inline(always)]
fn lanes(f: impl Fn(usize) -> f32) -> Lanes {
    if Plain::REGISTERS < 4 {
        [f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12), f(13), f(14), f(15)]
    } else {
        core::array::from_fn(f)
    }
}

/// The kernel as a function of its own.
#[inline(never)]
fn shell<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Plain)
}

impl Simd for Plain {
    type Vector = Lanes;

    // 16 registers of 4 floats, as the baseline of x86-64 has them; a microcontroller has 32 of one float.
    const REGISTERS: usize = if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) { 4 } else { 2 };

    #[inline(always)]
    fn splat(self, value: f32) -> Lanes {
        lanes(|_| value)
    }

    #[inline(always)]
    fn load(self, from: &Lanes) -> Lanes {
        lanes(|lane| from[lane])
    }

    #[inline(always)]
    fn store(self, vector: Lanes, to: &mut Lanes) {
        *to = vector;
    }

    #[inline(always)]
    fn add(self, a: Lanes, b: Lanes) -> Lanes {
        each(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn subtract(self, a: Lanes, b: Lanes) -> Lanes {
        each(a, b, |a, b| a - b)
    }

    #[inline(always)]
    fn multiply(self, a: Lanes, b: Lanes) -> Lanes {
        each(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn divide(self, a: Lanes, b: Lanes) -> Lanes {
        each(a, b, |a, b| a / b)
    }

    #[inline(always)]
    fn sqrt(self, a: Lanes) -> Lanes {
        #[cfg(feature = "std")]
        return a.map(f32::sqrt);
        #[cfg(not(feature = "std"))]
        return a.map(libm::sqrtf);
    }

    #[inline(always)]
    fn max(self, a: Lanes, b: Lanes) -> Lanes {
        each(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn min(self, a: Lanes, b: Lanes) -> Lanes {
        each(a, b, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn larger(self, a: Lanes, b: Lanes) -> Lanes {
        each(a, b, |a, b| if a > b || a.is_nan() { a } else { b })
    }

    #[inline(always)]
    fn multiply_add(self, a: Lanes, b: Lanes, c: Lanes) -> Lanes {
        lanes(|lane| multiply_add(a[lane], b[lane], c[lane]))
    }

    #[inline(always)]
    fn apart<K: Kernel>(self, kernel: K) -> K::Output {
        shell(kernel)
    }
}
