//! From a picture to a value.

use std::path::Path;

use ::image::DynamicImage;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::{Channels, Colors, ImageError, Picture};
use crate::Chw;
use crate::ops::normalize;

/// Most pixels of a resized picture, 2²⁶: of 3 samples of 16 bits each they take 384 MiB, less than a decoder may.
pub(super) const MAX_PIXELS: usize = 1 << 26;

/// How a picture becomes a network's input `[C, H, W]`: C = 1 takes its luma, C = 3 red, green and blue.
///
/// - [`shorter_side`](Self::shorter_side), [`resize`](Self::resize): default, the size of the file.
/// - crop: default, the centre; [`random_crop`](Self::random_crop). H and W are the input's.
/// - [`random_flip`](Self::random_flip): default, none.
/// - [`normalize`](Self::normalize), [`subtract_mean`](Self::subtract_mean): default, 0…1.
///
/// torchvision: `Compose([Resize(256), CenterCrop(224), ToTensor(), Normalize(mean, std)])`.
///
/// ```
/// use convnet::{Chw, image::{Preprocess, to_png}};
///
/// let file = to_png(&Chw([[[0.4; 40]; 30]; 3]))?;
/// let gray: Box<Chw<1, 28, 28>> = Preprocess::new().resize(28, 28).subtract_mean([0.1]).decode(&file)?;
/// assert!((gray[0][14][14] - 0.3).abs() < 1e-6);
/// # Ok::<(), convnet::image::ImageError>(())
/// ```
///
/// Pictures have 1 or 3 channels; others do not compile:
///
/// ```compile_fail,E0277
/// convnet::image::Preprocess::<4>::new();
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocess<const C: usize> {
    size: Size,
    crop: Option<u64>,
    flip: Option<u64>,
    mean: [f32; C],
    std: [f32; C],
}

/// What a picture is resized to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Size {
    /// Nothing else.
    Same,
    /// The shorter side, the longer in proportion.
    Shorter(usize),
    /// Height and width.
    Exact(usize, usize),
}

impl<const C: usize> Preprocess<C>
where
    Channels<C>: Colors,
{
    /// The centre of the picture as it is, in units of 0…1.
    pub const fn new() -> Self {
        Self { size: Size::Same, crop: None, flip: None, mean: [0.0; C], std: [1.0; C] }
    }

    /// Resizes the shorter side to so many pixels and the longer to ⌊pixels · longer / shorter⌋, bilinear with
    /// antialiasing. torchvision: `Resize(pixels)`.
    pub const fn shorter_side(mut self, pixels: usize) -> Self {
        self.size = Size::Shorter(pixels);
        self
    }

    /// Resizes to just these numbers of rows and columns, bilinear with antialiasing. torchvision:
    /// `Resize((height, width))`.
    pub const fn resize(mut self, height: usize, width: usize) -> Self {
        self.size = Size::Exact(height, width);
        self
    }

    /// Crops at a random place instead of the centre, all equally likely; the same for the same seed.
    pub const fn random_crop(mut self, seed: u64) -> Self {
        self.crop = Some(seed);
        self
    }

    /// Mirrors left and right with probability ½; the same for the same seed. The seed may be that of the crop.
    pub const fn random_flip(mut self, seed: u64) -> Self {
        self.flip = Some(seed);
        self
    }

    /// (x − mean) / std of each channel, in units of 0…1. torchvision: `Normalize(mean, std)`.
    ///
    /// Networks that take 0…255 less a mean, as the first VGG does, have mean / 255 and std = 1 / 255.
    pub const fn normalize(mut self, mean: [f32; C], std: [f32; C]) -> Self {
        self.mean = mean;
        self.std = std;
        self
    }

    /// x − mean of each channel, in units of 0…1.
    pub const fn subtract_mean(self, mean: [f32; C]) -> Self {
        self.normalize(mean, [1.0; C])
    }

    /// The input that a file gives.
    ///
    /// # Errors
    ///
    /// As [`Picture::open`] and [`apply`](Self::apply).
    pub fn open<const H: usize, const W: usize>(
        &self,
        path: impl AsRef<Path>,
    ) -> Result<Box<Chw<C, H, W>>, ImageError> {
        self.apply(&Picture::open(path)?)
    }

    /// The input that a file in memory gives.
    ///
    /// # Errors
    ///
    /// As [`Picture::decode`] and [`apply`](Self::apply).
    pub fn decode<const H: usize, const W: usize>(&self, file: &[u8]) -> Result<Box<Chw<C, H, W>>, ImageError> {
        self.apply(&Picture::decode(file)?)
    }

    /// The input that a picture gives.
    ///
    /// # Errors
    ///
    /// If the picture, resized, is smaller than the crop, or would be resized to none or more than 2²⁶ pixels.
    pub fn apply<const H: usize, const W: usize>(&self, picture: &Picture) -> Result<Box<Chw<C, H, W>>, ImageError> {
        let mut value = Chw::zeros_boxed();
        self.apply_into(picture, &mut value)?;
        Ok(value)
    }

    /// Writes the input that a picture gives over a value.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply); the value is then as it was.
    pub fn apply_into<const H: usize, const W: usize>(
        &self,
        picture: &Picture,
        value: &mut Chw<C, H, W>,
    ) -> Result<(), ImageError> {
        let pixels = self.resized(picture)?;
        let pixels = self.cropped(picture, pixels, [H, W])?;
        let pixels = if self.flips() { pixels.fliph() } else { pixels };
        let written = match &pixels {
            DynamicImage::ImageLuma8(pixels) => value.fill_from_pixels(pixels.as_raw()),
            DynamicImage::ImageRgb8(pixels) => value.fill_from_pixels(pixels.as_raw()),
            DynamicImage::ImageLuma16(pixels) => value.fill_from_pixels(pixels.as_raw()),
            DynamicImage::ImageRgb16(pixels) => value.fill_from_pixels(pixels.as_raw()),
            _ => unreachable!("`in_channels` gives one of these"),
        };
        written.expect("the crop has the value's size");
        if H * W > 0 {
            normalize::forward(H * W, &self.mean, &self.std, value.as_mut_slice());
        }
        Ok(())
    }

    fn resized(&self, picture: &Picture) -> Result<DynamicImage, ImageError> {
        let from = [picture.height(), picture.width()];
        let to = self.size.of(from);
        let pixels = picture.in_channels(C);
        if from == to {
            return Ok(pixels);
        }
        let count = to[0].saturating_mul(to[1]);
        let refused = || ImageError::Resize { path: picture.path.clone(), from, to };
        if count == 0 || count > MAX_PIXELS || from.contains(&0) {
            return Err(refused());
        }
        // Below 2²⁶ either fits.
        let mut resized = DynamicImage::new(to[1] as u32, to[0] as u32, pixels.color());
        let bilinear = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).use_alpha(false);
        Resizer::new().resize(&pixels, &mut resized, &bilinear).map_err(|_| refused())?;
        Ok(resized)
    }

    fn cropped(&self, picture: &Picture, pixels: DynamicImage, needed: [usize; 2]) -> Result<DynamicImage, ImageError> {
        let found = [pixels.height() as usize, pixels.width() as usize];
        if found == needed {
            return Ok(pixels);
        }
        let (Some(below), Some(right)) = (found[0].checked_sub(needed[0]), found[1].checked_sub(needed[1])) else {
            return Err(ImageError::Smaller { path: picture.path.clone(), found, needed });
        };
        let (top, left) = match self.crop {
            None => (centre(below), centre(right)),
            Some(seed) => {
                let mut random = Pcg64::seed_from_u64(seed);
                (up_to(below, &mut random), up_to(right, &mut random))
            }
        };
        Ok(pixels.crop_imm(left as u32, top as u32, needed[1] as u32, needed[0] as u32))
    }

    /// The third number of the seed's generator decides: the first two are the crop's.
    fn flips(&self) -> bool {
        self.flip.is_some_and(|seed| {
            let mut random = Pcg64::seed_from_u64(seed);
            [random.next_u64(), random.next_u64(), random.next_u64()][2] >> 63 == 1
        })
    }
}

impl<const C: usize> Default for Preprocess<C>
where
    Channels<C>: Colors,
{
    fn default() -> Self {
        Self::new()
    }
}

impl Size {
    /// Height and width after resizing.
    fn of(self, [height, width]: [usize; 2]) -> [usize; 2] {
        let in_proportion = |shorter: usize, long: usize, short: usize| {
            let long = shorter as u128 * long as u128 / (short.max(1) as u128);
            usize::try_from(long).unwrap_or(usize::MAX)
        };
        match self {
            Self::Same => [height, width],
            Self::Shorter(pixels) if height <= width => [pixels, in_proportion(pixels, width, height)],
            Self::Shorter(pixels) => [in_proportion(pixels, height, width), pixels],
            Self::Exact(height, width) => [height, width],
        }
    }
}

/// Where the centre begins if so many pixels are left over: half of them, halves to the even number, which is how
/// torchvision's `center_crop` rounds.
const fn centre(left_over: usize) -> usize {
    left_over / 2 + (left_over % 4 == 3) as usize
}

/// A number from 0 to `last`, all equally likely: a 64-bit product's upper half, as in `train::shuffle`.
fn up_to(last: usize, random: &mut Pcg64) -> usize {
    ((u128::from(random.next_u64()) * (last as u128 + 1)) >> 64) as usize
}
