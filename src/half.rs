//! 16-bit floats as bits, to and from `f32`, in const code: weights are rounded while the program is compiled.
//!
//! | format | sign, exponent, mantissa | largest | precision |
//! |---|---|---|---|
//! | f16, IEEE 754's binary16 | 1, 5, 10 bits | 65504 | 11 bits, fewer below 2⁻¹⁴ |
//! | bf16, an `f32` cut short | 1, 8, 7 bits | 3.4 · 10³⁸ | 8 bits |
//!
//! Rounding is to nearest, ties to even; what is too large is infinite, and a NaN stays one. Every f16 and every bf16
//! is an `f32`, so the ways back are exact.

use crate::arena::words;

/// bits / 2^dropped, to nearest, ties to even; no function, as is said at [`f16s`].
macro_rules! ties_to_even {
    ($bits:ident >> $dropped:literal) => {{
        const BELOW_HALF: u32 = (1 << ($dropped - 1)) - 1;
        (($bits + BELOW_HALF + ($bits >> $dropped & 1)) >> $dropped) as u16
    }};
}

/// 127 − 15, as an exponent of an `f32`: what that of an f16 lacks.
pub(crate) const BIAS: u32 = 112 << 23;

/// Of an infinite `f32`; magnitudes above it are no numbers.
pub(crate) const INFINITE: u32 = f32::INFINITY.to_bits();

/// The f16s nearest to some values.
///
/// Several, because rustc's interpreter takes longer for a call than for the rounding.
pub(crate) const fn f16s<const N: usize>(values: &[f32; N]) -> [u16; N] {
    /// Below 2⁻¹⁴, f16s are whole multiples of 2⁻²⁴.
    const SMALLEST_NORMAL: u32 = 0x3880_0000;
    /// Halfway from the largest f16 to what would follow, 65520.
    const TOO_LARGE: u32 = 0x477f_f000;
    let (from, mut to, mut i) = (words(values), [0; N], 0);
    while i < N {
        let (sign, magnitude) = ((from[i] >> 16) as u16 & 0x8000, from[i] & 0x7fff_ffff);
        let rounded = if magnitude > INFINITE {
            0x7e00 | (magnitude >> 13 & 0x1ff) as u16
        } else if magnitude >= TOO_LARGE {
            0x7c00
        } else if magnitude >= SMALLEST_NORMAL {
            // The exponent is biased by 15 instead of 127; a carry out of the mantissa is the next exponent.
            let biased = magnitude - BIAS;
            ties_to_even!(biased >> 13)
        } else {
            // ulp(0.5) is 2⁻²⁴: the sum is rounded to a multiple of that, which its last bits count.
            ((f32::from_bits(magnitude) + 0.5).to_bits() - 0.5_f32.to_bits()) as u16
        };
        to[i] = sign | rounded;
        i += 1;
    }
    to
}

/// The bf16s nearest to some values.
pub(crate) const fn bf16s<const N: usize>(values: &[f32; N]) -> [u16; N] {
    let (from, mut to, mut i) = (words(values), [0; N], 0);
    while i < N {
        let bits = from[i];
        to[i] = match bits & 0x7fff_ffff > INFINITE {
            // A quiet one: rounding could turn it into an infinity.
            true => (bits >> 16) as u16 | 0x40,
            false => ties_to_even!(bits >> 16),
        };
        i += 1;
    }
    to
}

/// What an f16 is worth.
#[inline(always)]
pub(crate) const fn f32_from_f16(half: u16) -> f32 {
    let (sign, magnitude) = ((half as u32 & 0x8000) << 16, half as u32 & 0x7fff);
    // The same bits read as an `f32` are 2¹¹² times too small, subnormal or not; infinities and NaNs need their exponent.
    let scaled = (f32::from_bits(magnitude << 13) * f32::from_bits((112 + 127) << 23)).to_bits();
    let special = if magnitude >= 0x7c00 { 0x7f80_0000 } else { 0 };
    f32::from_bits(sign | scaled | special)
}

/// What a bf16 is worth.
#[inline(always)]
pub(crate) const fn f32_from_bf16(half: u16) -> f32 {
    f32::from_bits((half as u32) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_f16(x: f32) -> u16 {
        f16s(&[x])[0]
    }

    fn one_bf16(x: f32) -> u16 {
        bf16s(&[x])[0]
    }

    #[test]
    fn every_half_is_an_f32() {
        for bits in 0..=u16::MAX {
            let (expected, found) = (half::f16::from_bits(bits).to_f32_const(), f32_from_f16(bits));
            assert!(found == expected && found.is_sign_negative() == expected.is_sign_negative() || found.is_nan());
            assert_eq!(found.is_nan(), expected.is_nan(), "{bits:#06x}");
            let (expected, found) = (half::bf16::from_bits(bits).to_f32_const(), f32_from_bf16(bits));
            assert_eq!(found.to_bits() & !0x40_0000, expected.to_bits() & !0x40_0000, "{bits:#06x}");
        }
    }

    #[test]
    fn rounding_is_to_nearest_ties_to_even() {
        let check = |x: f32| {
            let (f16, bf16) = (half::f16::from_f32_const(x), half::bf16::from_f32_const(x));
            if x.is_nan() {
                assert!(f32_from_f16(one_f16(x)).is_nan() && f32_from_bf16(one_bf16(x)).is_nan(), "{x:?}");
            } else {
                assert_eq!((one_f16(x), one_bf16(x)), (f16.to_bits(), bf16.to_bits()), "{x:?}");
            }
        };
        // Every half, every middle between two, and their neighbours.
        for bits in 0..=u16::MAX {
            for (low, next) in [
                (f32_from_f16(bits), f32_from_f16(bits.wrapping_add(1))),
                (f32_from_bf16(bits), f32_from_bf16(bits.wrapping_add(1))),
            ] {
                let middle = low + (next - low) / 2.0;
                for x in [low, middle] {
                    [x.next_down(), x, x.next_up()].into_iter().for_each(check);
                }
            }
        }
        for bits in (0..=u32::MAX).step_by(65_521) {
            check(f32::from_bits(bits));
        }
    }

    #[test]
    fn it_runs_at_compile_time() {
        const HALVES: [[u16; 2]; 2] = [f16s(&[-65504.0, 6e-8]), bf16s(&[1.0, -2.5])];
        const BACK: [f32; 2] = [f32_from_f16(HALVES[0][1]), f32_from_bf16(HALVES[1][1])];
        assert_eq!(HALVES, [[0xfbff, 0x0001], [0x3f80, 0xc020]]);
        assert_eq!(BACK, [5.960_464_5e-8, -2.5]);
    }
}
