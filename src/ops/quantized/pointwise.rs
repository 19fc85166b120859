//! What treats each byte by itself: functions as tables, sums of paths, paths side by side.

use super::requantize::Bounds;
use crate::simd::Isa;
use crate::simd::integers::{IntegerKernel, Integers};

/// values ← table of each.
pub fn apply_table(table: &[u8; 256], values: &mut [u8]) {
    for value in values {
        *value = table[usize::from(*value)];
    }
}

/// Most paths of a sum.
pub const MAX_PATHS: usize = 8;

/// Bytes of the factors of a sum: one for each path, what it begins with, and the shift, in 32 bits.
pub const ADD_BYTES: usize = 4 * (MAX_PATHS + 2);

/// Bytes that are added up together.
const CHUNK: usize = 64;

/// How paths are added: q = clamp((start + Σ kᵢ qᵢ) ≫ shift, low, high).
///
/// kᵢ is sᵢ / s_out · 2^shift, as many bits as leave room for the sum: Σ kᵢ ≤ 2²², so that Σ kᵢ qᵢ < 2³⁰. `start` is what the zero
/// points and rounding to the nearest come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// kᵢ; 0 where there is no path.
    pub factors: [i32; MAX_PATHS],
    /// What the sum begins with.
    pub start: i32,
    /// Bits that are shifted out.
    pub shift: u32,
}

impl Sum {
    /// For paths with these ratios of scales sᵢ / s_out and these zero points; the ratios add up to at most 2¹⁰.
    pub fn new(ratios: &[f64], zeros: &[u8], zero: u8) -> Self {
        let total: f64 = ratios.iter().sum();
        assert!(ratios.len() <= MAX_PATHS && total <= 1024.0, "ratios of {total} for {} paths", ratios.len());
        let mut shift = 12;
        while shift < 20 && total * f64::from(2_u32 << shift) <= f64::from(1 << 22) {
            shift += 1;
        }
        let mut sum = Self { factors: [0; MAX_PATHS], start: (i32::from(zero) << shift) + (1 << (shift - 1)), shift };
        for (path, (ratio, zero)) in ratios.iter().zip(zeros).enumerate() {
            sum.factors[path] = libm::round(ratio * f64::from(1_u32 << shift)) as i32;
            sum.start -= sum.factors[path] * i32::from(*zero);
        }
        sum
    }

    /// As it is kept: factors, start, shift.
    pub fn write(&self, packed: &mut [u8; ADD_BYTES]) {
        let values = self.factors.into_iter().chain([self.start, self.shift as i32]);
        packed.as_chunks_mut().0.iter_mut().zip(values).for_each(|(to, value)| *to = value.to_le_bytes());
    }

    /// What [`write`](Self::write) wrote.
    pub fn read(packed: &[u8; ADD_BYTES]) -> Self {
        let values = packed.as_chunks().0;
        let value = |at: usize| i32::from_le_bytes(values[at]);
        Self { factors: core::array::from_fn(value), start: value(MAX_PATHS), shift: value(MAX_PATHS + 1) as u32 & 31 }
    }
}

/// Bytes `output..output + len` of an arena ← the sum of paths, which begin at `paths` in it; a path that is at `output` is
/// written over, others must not overlap it.
pub fn add(sum: &Sum, arena: &mut [u8], paths: &[usize], output: usize, len: usize, bounds: Bounds, isa: Isa) {
    assert!(paths.len() <= MAX_PATHS, "a sum has at most {MAX_PATHS} paths");
    isa.run_integers(Add { sum, arena, paths, output, len, bounds });
}

struct Add<'a> {
    sum: &'a Sum,
    arena: &'a mut [u8],
    paths: &'a [usize],
    output: usize,
    len: usize,
    bounds: Bounds,
}

impl IntegerKernel for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Integers>(self, _: I) {
        let Self { sum, arena, paths, output, len, bounds } = self;
        let (low, high) = (i32::from(bounds.low), i32::from(bounds.high));
        for first in (0..len).step_by(CHUNK) {
            let count = CHUNK.min(len - first);
            let mut sums = [sum.start; CHUNK];
            for (path, factor) in paths.iter().zip(sum.factors) {
                for (sum, value) in sums.iter_mut().zip(&arena[path + first..][..count]) {
                    *sum = sum.wrapping_add(factor.wrapping_mul(i32::from(*value)));
                }
            }
            for (to, value) in arena[output + first..][..count].iter_mut().zip(sums) {
                *to = (value >> sum.shift).max(low).min(high) as u8;
            }
        }
    }
}

/// Output `[cells, ΣC]`, from channel `first` on, ← a path `[cells, C]`.
pub fn concat([channels, first, of]: [usize; 3], path: &[u8], output: &mut [u8]) {
    for (path, output) in path.chunks_exact(channels).zip(output.chunks_exact_mut(of)) {
        output[first..first + channels].copy_from_slice(path);
    }
}
