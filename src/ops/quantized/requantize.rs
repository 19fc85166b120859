//! From sums to bytes, from floats to bytes, and back.
//!
//! A byte q stands for the number s · (q − z): scale s > 0, and the zero point z that stands for 0 exactly. A sum a of
//! products of bytes stands for s_in · s_w · a, and as a byte of the output it is
//!
//! > q = clamp(z + round(M · a), low, high), M = s_in · s_w / s_out
//!
//! M is kept as a whole number m and a shift t: M = m · 2^−(32 + t). The product of 64 bits is taken by its upper half, and that
//! is shifted with rounding, half up: ⌊(⌊a m / 2³²⌋ + 2^(t − 1)) / 2ᵗ⌋, which equals ⌊a M + ½⌋ exactly, because floors of
//! quotients nest. Every instruction set has these steps, and all agree to the bit. (Jacob et al. 2018, section 2.2, whose
//! rounding of the halves differs.)

use crate::simd::LANES;

/// Bytes of what a block of 16 outputs has beside its weights: bias, multiplier and shift of each, in 32 bits, little-endian.
pub const BLOCK_PARAMETERS: usize = 3 * 4 * LANES;

/// M stays below this: m is one of 31 bits and t at least 1.
pub const MAX_FACTOR: f64 = 0.25;

/// The largest shift: |a m / 2³²| ≤ 2³⁰, and half of 2³⁰ is added to it.
const MAX_SHIFT: u32 = 30;

/// A zero point, and between which bytes results lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The byte that stands for 0.
    pub zero: u8,
    /// The lowest byte.
    pub low: u8,
    /// The highest.
    pub high: u8,
}

/// What a sum is multiplied with: m · 2^−(32 + t).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    /// m, not negative.
    pub multiplier: i32,
    /// t, 1 to 30.
    pub shift: u32,
}

impl Factor {
    /// The nearest to `factor`, which is at least 0 and below [`MAX_FACTOR`].
    pub fn new(factor: f64) -> Self {
        assert!((0.0..MAX_FACTOR).contains(&factor), "a factor of {factor}");
        let mut shift = 1;
        // Below 2³⁰ there is a bit to win.
        while shift < MAX_SHIFT && factor * power(33 + shift) < 2_147_483_647.0 {
            shift += 1;
        }
        let multiplier = libm::round(factor * power(32 + shift)).min(2_147_483_647.0) as i32;
        Self { multiplier, shift }
    }
}

/// 2ⁿ.
fn power(n: u32) -> f64 {
    (1_u64 << n) as f64
}

/// The byte of a sum.
#[inline(always)]
pub const fn requantize(sum: i32, multiplier: i32, shift: u32, bounds: Bounds) -> u8 {
    let high = ((sum as i64 * multiplier as i64) >> 32) as i32;
    let value = (high.wrapping_add(1 << (shift - 1)) >> shift) + bounds.zero as i32;
    let value = if value < bounds.low as i32 { bounds.low as i32 } else { value };
    if value > bounds.high as i32 { bounds.high } else { value as u8 }
}

/// What a block of 16 outputs has beside its weights.
pub struct Parameters<'a>(&'a [[u8; 4]]);

impl<'a> Parameters<'a> {
    /// `[3][16]` values of 32 bits.
    #[inline(always)]
    pub fn new(bytes: &'a [u8; BLOCK_PARAMETERS]) -> Self {
        Self(bytes.as_chunks().0)
    }

    /// What the sum of lane `lane` begins with.
    #[inline(always)]
    pub fn bias(&self, lane: usize) -> i32 {
        i32::from_le_bytes(self.0[lane])
    }

    /// Its m.
    #[inline(always)]
    pub fn multiplier(&self, lane: usize) -> i32 {
        i32::from_le_bytes(self.0[LANES + lane])
    }

    /// Its t; what is none is taken for one.
    #[inline(always)]
    pub fn shift(&self, lane: usize) -> u32 {
        (u32::from_le_bytes(self.0[2 * LANES + lane]) & 31).max(1)
    }
}

/// What the bytes of a value stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// s, finite and above 0.
    pub scale: f32,
    /// z.
    pub zero: u8,
}

impl Scale {
    /// The finest whose bytes reach from `low` to `high`, and 0 if that lies beyond, with steps of at least `step`.
    pub fn covering(low: f32, high: f32, step: f32) -> Self {
        let (low, high) = (f64::from(low.min(0.0)), f64::from(high.max(0.0)));
        let scale = (((high - low) / 255.0) as f32).max(step).max(f32::MIN_POSITIVE);
        let scale = if low == high && step == 0.0 { 1.0 } else { scale };
        // What wider steps leave over goes to the other side.
        Self { scale, zero: libm::round(-low / f64::from(scale)).clamp(0.0, 255.0) as u8 }
    }

    /// The byte nearest to a number; 0 for NaN, which is none.
    #[inline(always)]
    pub fn quantize(&self, value: f32) -> u8 {
        // Two operations in f32, the same everywhere; `as` clamps.
        (value * (1.0 / self.scale) + (f32::from(self.zero) + 0.5)) as u8
    }

    /// The number that a byte stands for.
    #[inline(always)]
    pub fn dequantize(&self, byte: u8) -> f32 {
        (f32::from(byte) - f32::from(self.zero)) * self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_upper_half_rounds_as_the_whole_product(sum in any::<i32>(), multiplier in 0..i32::MAX, shift in 1_u32..=30) {
            let bounds = Bounds { zero: 128, low: 0, high: 255 };
            let whole = (i128::from(sum) * i128::from(multiplier) + (1 << (31 + shift))) >> (32 + shift);
            prop_assert_eq!(requantize(sum, multiplier, shift, bounds), (whole + 128).clamp(0, 255) as u8);
        }

        #[test]
        fn factors_are_near(exponent in -30.0_f64..-2.01, sum in -(1 << 30)..1 << 30) {
            let factor = exponent.exp2();
            let Factor { multiplier, shift } = Factor::new(factor);
            let whole = (i128::from(sum) * i128::from(multiplier) + (1 << (31 + shift))) >> (32 + shift);
            let real = f64::from(sum) * factor;
            prop_assert!((whole as f64 - real).abs() <= 0.5001 + real.abs() * 1e-9, "{} {}", whole, real);
        }

        #[test]
        fn bytes_are_within_half_a_step(low in -9.0_f32..9.0, high in -9.0_f32..9.0, part in 0.0_f32..1.0) {
            let scale = Scale::covering(low.min(high), low.max(high), 0.0);
            let value = (low + part * (high - low)).clamp(low.min(high), low.max(high));
            let error = (scale.dequantize(scale.quantize(value)) - value).abs();
            // The zero point is whole, so the ends may lie half a step beyond.
            prop_assert!(error <= 1.001 * scale.scale, "{} {:?}", value, scale);
            prop_assert_eq!(scale.dequantize(scale.quantize(0.0)), 0.0);
        }
    }

    #[test]
    fn what_is_no_number_or_beyond_the_range_has_a_byte() {
        let scale = Scale { scale: 0.5, zero: 3 };
        assert_eq!(
            [f32::NAN, f32::NEG_INFINITY, f32::INFINITY, -1.5, 0.24, 0.26].map(|x| scale.quantize(x)),
            [0, 0, 255, 0, 3, 4]
        );
        assert_eq!(Scale::covering(0.0, 0.0, 0.0), Scale { scale: 1.0, zero: 0 });
        assert_eq!(Factor::new(0.0).multiplier, 0);
    }
}
