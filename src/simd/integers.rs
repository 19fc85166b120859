//! Sums of products of bytes, as tokens: what quantised kernels are written over.
//!
//! | | | products of an instruction |
//! |---|---|---|
//! | VNNI | a property of `avx512`: AVX-512 VNNI, BW and VL beside it | 64, `vpdpbusd` |
//! | AVX2 | `avx2`, and `avx512` without VNNI | 16, `vpmaddwd` on values widened to 16 bits |
//! | SSE2 | `sse2` | 8, `pmaddwd` on values widened to 16 bits |
//! | lanes | `neon`, `simd128` | 4 to 8: 64 sums side by side, which the compiler turns into `smlal` and `i32x4.extmul` |
//! | plain Rust | all others | what the compiler finds |
//!
//! `vpmaddubsw`, 32 products an instruction, is not used: its sums of two saturate at 16 bits, 255 · 127 · 2 does not fit, and
//! results would depend on the CPU. All of these give the same bytes.

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod avx2;
#[cfg(any(
    all(target_arch = "aarch64", target_feature = "neon"),
    all(target_arch = "wasm32", target_feature = "simd128"),
    test
))]
mod lanes;
mod plain;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod vnni;

use super::{Isa, Kind, LANES};
use crate::ops::quantized::requantize::{BLOCK_PARAMETERS, Bounds};
use plain::Plain;

/// Inputs whose products with one output's weights are summed by one instruction.
pub(crate) const QUAD: usize = 4;

/// Weights of 16 outputs for four inputs: `[16][4]`, bytes with a sign.
pub(crate) type Weights = [u8; LANES * QUAD];

/// Work to be compiled for every set of integer instructions.
///
/// `run` and all that it calls with the token must be `#[inline(always)]`, as for [`Kernel`](super::Kernel).
pub(crate) trait IntegerKernel {
    type Output;

    fn run<I: Integers>(self, integers: I) -> Self::Output;
}

/// A token for sums of products of bytes, 16 sums at a time.
pub(crate) trait Integers: Copy {
    /// Sixteen sums of 32 bits.
    type Sums: Copy;
    /// Four inputs, the same for all outputs.
    type Inputs: Copy;

    /// Positions whose sums fit the registers together with one block of weights, 1 to 8.
    const POSITIONS: usize;
    /// Blocks of 16 outputs that are computed together at the same positions: 1 or 2.
    const BLOCKS: usize;
    /// Positions of a depthwise convolution that are computed together, 1 to 6.
    const POSITIONS_BY_CHANNEL: usize;
    /// Blocks at one position, 1 to 4: enough sums that none waits for another.
    const BLOCKS_OF_ONE: usize;

    fn zero(self) -> Self::Sums;
    fn inputs(self, inputs: [u8; QUAD]) -> Self::Inputs;
    /// sums + weights · inputs, 16 sums of four products.
    fn multiply_add(self, sums: Self::Sums, weights: &Weights, inputs: Self::Inputs) -> Self::Sums;
    /// The same where each of the 16 outputs has four inputs of its own: output i the bytes i of four taps.
    fn multiply_add_taps(self, sums: Self::Sums, weights: &Weights, taps: [&[u8; LANES]; QUAD]) -> Self::Sums;
    /// Sixteen sums as bytes: see [`requantize`](crate::ops::quantized::requantize).
    fn requantize(self, sums: Self::Sums, parameters: &[u8; BLOCK_PARAMETERS], bounds: Bounds) -> [u8; LANES];
}

impl Isa {
    /// Runs a kernel compiled for the integer instructions that go with these.
    #[inline]
    pub(crate) fn run_integers<K: IntegerKernel>(self, kernel: K) -> K::Output {
        match self.0 {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx512 if vnni::is_available() => vnni::run(self, kernel),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx512 | Kind::Avx2 => avx2::run(self, kernel),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Sse2 => sse2::run(kernel),
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            Kind::Neon => kernel.run(lanes::Lanes),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => kernel.run(lanes::Lanes),
            Kind::Portable => kernel.run(Plain),
        }
    }
}
