//! The units of samples.

/// A sample of a pixel, 0 black to its greatest number: [`u8`] or [`u16`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sample of a pixel",
    label = "pixels are `u8` or `u16`",
    note = "floats in the order [C, H, W] are a value as they are: `Chw::from_slice`"
)]
pub trait Pixel: Copy + Default + Sealed {
    /// x / 255 or x / 65535: 0…1.
    fn to_unit(self) -> f32;

    /// 255 x or 65535 x, rounded to the nearest, clamped; not a number is 0.
    fn from_unit(value: f32) -> Self;
}

/// A sample of PCM sound as WAV files have them: [`u8`], 128 silence; [`i16`] and [`i32`], 0 silence.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sample of PCM sound",
    label = "PCM sound is `u8`, `i16` or `i32`",
    note = "24 bits in an `i32` are `from_pcm24`"
)]
pub trait Pcm: Copy + Sealed {
    /// (x − 128) / 2⁷, x / 2¹⁵ or x / 2³¹: −1…1.
    fn to_unit(self) -> f32;
}

/// Samples that are known here.
pub trait Sealed {}

impl Sealed for u8 {}
impl Sealed for u16 {}
impl Sealed for i16 {}
impl Sealed for i32 {}

macro_rules! pixel {
    ($sample:ty) => {
        impl Pixel for $sample {
            fn to_unit(self) -> f32 {
                // Divided, not multiplied by the reciprocal: the nearest float, as other libraries have it.
                f32::from(self) / f32::from(Self::MAX)
            }

            fn from_unit(value: f32) -> Self {
                // `as` clamps and takes NaN for 0.
                libm::roundf(value * f32::from(Self::MAX)) as Self
            }
        }
    };
}

pixel!(u8);
pixel!(u16);

impl Pcm for u8 {
    fn to_unit(self) -> f32 {
        (f32::from(self) - 128.0) / 128.0
    }
}

impl Pcm for i16 {
    fn to_unit(self) -> f32 {
        f32::from(self) / 32_768.0
    }
}

impl Pcm for i32 {
    fn to_unit(self) -> f32 {
        self as f32 / 2_147_483_648.0
    }
}

/// x / 2²³ of the lower 24 bits, whether the upper 8 repeat the sign or not.
pub fn pcm24_to_unit(sample: i32) -> f32 {
    Pcm::to_unit(sample << 8)
}
