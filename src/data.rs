//! Samples of files as values: pixels and sound in, pixels out, one call each.
//!
//! Files keep the channels of a pixel together, `[H, W, C]`; networks keep each channel's plane together, `[C, H, W]`.
//! The functions here move the samples to their planes and bring them to the units that networks are trained on:
//!
//! | data | samples lie | values | formula |
//! |---|---|---|---|
//! | grayscale, colour and 16-bit images | `[H, W, C]` of [`u8`] or [`u16`] | [`Chw<C, H, W>`](Chw), 0…1 | x / 255, x / 65535 |
//! | volumes, video | `[D, H, W, C]` of [`u8`] or [`u16`] | [`Cdhw<C, D, H, W>`](Cdhw), 0…1 | the same |
//! | sound, PCM | `[L, C]` of [`u8`], [`i16`] or [`i32`] | [`Cl<C, L>`](Cl), −1…1 | (x − 128) / 2⁷, x / 2¹⁵, x / 2³¹ |
//!
//! What is already floats in the order of channels needs none of this: [`Chw::from_slice`] is a view of it.
//!
//! ```
//! use convnet::{Chw, Cl};
//!
//! let red_and_blue: Chw<3, 1, 2> = Chw::from_pixels(&[255_u8, 0, 0, 0, 0, 255]).unwrap();
//! assert_eq!(red_and_blue, Chw([[[1.0, 0.0]], [[0.0, 0.0]], [[0.0, 1.0]]]));
//!
//! let stereo: Cl<2, 2> = Cl::from_pcm(&[-32768_i16, 0, 16384, 8192]).unwrap();
//! assert_eq!(stereo, Cl([[-1.0, 0.5], [0.0, 0.25]]));
//!
//! assert_eq!(
//!     Chw::<3, 224, 224>::from_pixels(&[0_u8; 224 * 224]).unwrap_err().to_string(),
//!     "a [3, 224, 224] value has 150528 floats, the slice has 50176 samples",
//! );
//! ```
//!
//! A value of more than some pages should not be built on the stack: the `_boxed` forms and those that `fill` a value
//! never do.

use crate::tensor::{Cdhw, Chw, Cl, LengthError, Value};

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec, vec::Vec};

mod sample;

pub use sample::{Pcm, Pixel};

/// values ← samples, each brought to its unit: samples `[cells, C]`, values `[C, cells]`.
fn to_planes<V: Value, S: Copy>(samples: &[S], values: &mut V, unit: impl Fn(S) -> f32) -> Result<(), LengthError> {
    let channels = V::DIMS.size(0);
    let values = values.as_floats_mut();
    same_length::<V>(samples.len())?;
    // A plane of no cells has nothing to write; a chunk's length must not be 0.
    let cells = values.len().checked_div(channels).unwrap_or(0).max(1);
    for (channel, plane) in values.chunks_exact_mut(cells).enumerate() {
        for (value, sample) in plane.iter_mut().zip(samples[channel..].iter().step_by(channels)) {
            *value = unit(*sample);
        }
    }
    Ok(())
}

/// samples ← values, each brought to its unit: values `[C, cells]`, samples `[cells, C]`.
fn from_planes<V: Value, S>(values: &V, samples: &mut [S], unit: impl Fn(f32) -> S) -> Result<(), LengthError> {
    let channels = V::DIMS.size(0);
    let values = values.as_floats();
    same_length::<V>(samples.len())?;
    let cells = values.len().checked_div(channels).unwrap_or(0).max(1);
    for (channel, plane) in values.chunks_exact(cells).enumerate() {
        for (sample, value) in samples[channel..].iter_mut().step_by(channels).zip(plane) {
            *sample = unit(*value);
        }
    }
    Ok(())
}

fn same_length<V: Value>(samples: usize) -> Result<(), LengthError> {
    if samples == V::LEN { Ok(()) } else { Err(LengthError::samples(V::DIMS, samples)) }
}

/// Defines the three ways into a value: by value, boxed, and into one that is there.
macro_rules! ways_in {
    (
        $what:literal, $example:literal, $name:ident<$($size:ident),+>,
        $by_value:ident, $boxed:ident, $fill:ident, [$($bound:tt)*], $sample:ty, $unit:expr
    ) => {
        impl<$(const $size: usize),+> $name<$($size),+> {
            #[doc = concat!("The value of ", $what, ".")]
            ///
            /// # Errors
            ///
            /// If there are more or fewer samples than floats.
            ///
            #[doc = $example]
            pub fn $by_value<$($bound)*>(samples: &[$sample]) -> Result<Self, LengthError> {
                let mut value = Self::zeros();
                value.$fill(samples)?;
                Ok(value)
            }

            #[doc = concat!("The value of ", $what, ", on the heap; a large one never passes through the stack.")]
            ///
            /// # Errors
            ///
            #[doc = concat!("As [`", stringify!($by_value), "`](Self::", stringify!($by_value), ").")]
            #[cfg(feature = "alloc")]
            pub fn $boxed<$($bound)*>(samples: &[$sample]) -> Result<Box<Self>, LengthError> {
                let mut value = Self::zeros_boxed();
                value.$fill(samples)?;
                Ok(value)
            }

            #[doc = concat!("Writes the value of ", $what, " over this one.")]
            ///
            /// # Errors
            ///
            #[doc = concat!("As [`", stringify!($by_value), "`](Self::", stringify!($by_value), "); the value is then as it was.")]
            pub fn $fill<$($bound)*>(&mut self, samples: &[$sample]) -> Result<(), LengthError> {
                to_planes(samples, self, $unit)
            }
        }
    };
}

/// Defines the two ways out of a value of 0…1: a vector, and into pixels that are there.
macro_rules! ways_out {
    ($what:literal, $example:literal, $name:ident<$($size:ident),+>) => {
        impl<$(const $size: usize),+> $name<$($size),+> {
            #[doc = concat!("The ", $what, ": 0…1 to 0…255 or 0…65535, rounded to the nearest; what lies outside is")]
            /// clamped, and what is no number is 0.
            ///
            #[doc = $example]
            #[cfg(feature = "alloc")]
            pub fn to_pixels<P: Pixel>(&self) -> Vec<P> {
                let mut pixels = vec![P::default(); Self::DIMS.len()];
                self.write_pixels(&mut pixels).expect("as many pixels were made");
                pixels
            }

            #[doc = concat!("Writes the ", $what, ", as `to_pixels` does, without a heap.")]
            ///
            /// # Errors
            ///
            /// If there is room for more or fewer samples than there are floats.
            pub fn write_pixels<P: Pixel>(&self, pixels: &mut [P]) -> Result<(), LengthError> {
                from_planes(self, pixels, P::from_unit)
            }
        }
    };
}

ways_in! {
    "the pixels of an image, rows of `[H, W, C]` as files keep them: 8 or 16 bits to 0…1",
    "```
let gray = convnet::Chw::<1, 1, 2>::from_pixels(&[0_u16, 65535])?;
assert_eq!(gray.as_slice(), [0.0, 1.0]);
# Ok::<(), convnet::LengthError>(())
```",
    Chw<C, H, W>, from_pixels, from_pixels_boxed, fill_from_pixels, [P: Pixel], P, P::to_unit
}
ways_in! {
    "the pixels of a volume or a video, planes or frames of `[D, H, W, C]`: 8 or 16 bits to 0…1",
    "```
let two_frames = convnet::Cdhw::<1, 2, 1, 2>::from_pixels(&[0_u8, 255, 255, 0])?;
assert_eq!(two_frames[0][1], [[1.0, 0.0]]);
# Ok::<(), convnet::LengthError>(())
```",
    Cdhw<C, D, H, W>, from_pixels, from_pixels_boxed, fill_from_pixels, [P: Pixel], P, P::to_unit
}
ways_in! {
    "PCM sound, its channels in turn, `[L, C]`: 8, 16 or 32 bits to −1…1",
    "```
let mono = convnet::Cl::<1, 3>::from_pcm(&[0_u8, 128, 192])?; // 8-bit sound has no sign
assert_eq!(mono.as_slice(), [-1.0, 0.0, 0.5]);
# Ok::<(), convnet::LengthError>(())
```",
    Cl<C, L>, from_pcm, from_pcm_boxed, fill_from_pcm, [P: Pcm], P, P::to_unit
}
ways_in! {
    "PCM sound of 24 bits in the lower part of 32, its channels in turn, `[L, C]`: x / 2²³, whatever the upper 8 bits",
    "```
let mono = convnet::Cl::<1, 2>::from_pcm24(&[-8_388_608, 4_194_304])?;
assert_eq!(mono.as_slice(), [-1.0, 0.5]);
# Ok::<(), convnet::LengthError>(())
```",
    Cl<C, L>, from_pcm24, from_pcm24_boxed, fill_from_pcm24, [], i32, sample::pcm24_to_unit
}

ways_out! {
    "pixels of the image as files keep them, rows of `[H, W, C]`",
    "```
let image = convnet::Chw([[[-0.1, 0.5, 1.0]]]);
assert_eq!(image.to_pixels::<u8>(), [0, 128, 255]);
```",
    Chw<C, H, W>
}
ways_out! {
    "pixels of the volume or video, planes or frames of `[D, H, W, C]`",
    "```
let two_frames = convnet::Cdhw([[[[0.0]], [[1.0]]]]);
assert_eq!(two_frames.to_pixels::<u16>(), [0, 65535]);
```",
    Cdhw<C, D, H, W>
}
