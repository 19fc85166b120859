//! 16-bit floats as bits, to and from `f32`, in const code: weights are rounded while the program is compiled.
//!
//! | format | sign, exponent, mantissa | largest | precision |
//! |---|---|---|---|
//! | f16, IEEE 754's binary16 | 1, 5, 10 bits | 65504 | 11 bits, fewer below 2⁻¹⁴ |
//! | bf16, an `f32` cut short | 1, 8, 7 bits | 3.4 · 10³⁸ | 8 bits |
//!
//! Rounding is to nearest, ties to even; what is too large is infinite, and a NaN stays one. Every f16 and every bf16
//! is an `f32`, so the ways back are exact.

/// bits / 2^dropped, to nearest, ties to even. No function: see [`panels`](crate::ops), where calls are what takes time.
macro_rules! ties_to_even {
    ($bits:expr, $dropped:literal) => {
        ($bits + (1 << ($dropped - 1)) - 1 + ($bits >> $dropped & 1)) >> $dropped
    };
}

/// Of an infinite `f32`; what is above is no number.
const INFINITE: u32 = f32::INFINITY.to_bits();

/// The f16 nearest to an `f32` of these bits.
pub(crate) const fn f16_from_bits(bits: u32) -> u16 {
    /// Below 2⁻¹⁴, f16s are whole multiples of 2⁻²⁴.
    const SMALLEST_NORMAL: u32 = 0x3880_0000;
    /// Halfway from the largest f16 to what would follow, 65520.
    const TOO_LARGE: u32 = 0x477f_f000;
    let (sign, magnitude) = ((bits >> 16) as u16 & 0x8000, bits & 0x7fff_ffff);
    let rounded = if magnitude > INFINITE {
        0x7e00 | (magnitude >> 13 & 0x1ff) as u16
    } else if magnitude >= TOO_LARGE {
        0x7c00
    } else if magnitude >= SMALLEST_NORMAL {
        // The exponent is biased by 15 instead of 127; a carry out of the mantissa is the next exponent.
        let biased = magnitude - (112 << 23);
        (ties_to_even!(biased, 13)) as u16
    } else {
        // ulp(0.5) is 2⁻²⁴: the sum is rounded to a multiple of that, which its last bits count.
        ((f32::from_bits(magnitude) + 0.5).to_bits() - 0.5_f32.to_bits()) as u16
    };
    sign | rounded
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

/// The bf16 nearest to an `f32` of these bits.
pub(crate) const fn bf16_from_bits(bits: u32) -> u16 {
    if bits & 0x7fff_ffff > INFINITE {
        // A quiet one: rounding could turn it into an infinity.
        return (bits >> 16) as u16 | 0x40;
    }
    (ties_to_even!(bits, 16)) as u16
}

/// What a bf16 is worth.
#[inline(always)]
pub(crate) const fn f32_from_bf16(half: u16) -> f32 {
    f32::from_bits((half as u32) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

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
                assert!(
                    f32_from_f16(f16_from_bits(x.to_bits())).is_nan()
                        && f32_from_bf16(bf16_from_bits(x.to_bits())).is_nan(),
                    "{x:?}"
                );
            } else {
                assert_eq!(
                    (f16_from_bits(x.to_bits()), bf16_from_bits(x.to_bits())),
                    (f16.to_bits(), bf16.to_bits()),
                    "{x:?}"
                );
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
        const FLOATS: [f32; 4] = [1.0, -65504.0, 6e-8, -2.5];
        const HALVES: [u16; 4] = [
            f16_from_bits(FLOATS[0].to_bits()),
            f16_from_bits(FLOATS[1].to_bits()),
            f16_from_bits(FLOATS[2].to_bits()),
            bf16_from_bits(FLOATS[3].to_bits()),
        ];
        const BACK: [f32; 2] = [f32_from_f16(HALVES[2]), f32_from_bf16(HALVES[3])];
        assert_eq!(HALVES, [0x3c00, 0xfbff, 0x0001, 0xc020]);
        assert_eq!(BACK, [5.960_464_5e-8, -2.5]);
    }
}
