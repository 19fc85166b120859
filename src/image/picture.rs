//! A decoded file.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use ::image::{DynamicImage, GrayImage, ImageBuffer, ImageDecoder, ImageReader, Limits, metadata::Orientation};

use super::ImageError;

/// A PNG or JPEG, decoded and turned the right way up, to be prepared once or, for training, many times.
///
/// 8 and 16 bits a sample stay what they are; so do gray and colour until a [`Preprocess`](super::Preprocess) asks.
///
/// ```
/// use convnet::{Chw, image::{Picture, Preprocess, to_png}};
///
/// let picture = Picture::decode(&to_png(&Chw([[[0.2; 6]; 4]]))?)?;
/// assert_eq!((picture.height(), picture.width()), (4, 6));
/// let left: Box<Chw<1, 4, 4>> = Preprocess::new().apply(&picture)?;
/// assert_eq!(left[0][0], [0.2; 4]);
/// # Ok::<(), convnet::image::ImageError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Picture {
    pub(super) path: PathBuf,
    pub(super) pixels: DynamicImage,
}

impl Picture {
    /// The picture in a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is neither a PNG nor a JPEG, or is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ImageError> {
        let path = path.as_ref();
        let file = fs::read(path).map_err(|error| ImageError::Read(path.to_owned(), error))?;
        decode(path, &file)
    }

    /// The picture in a file in memory; errors call it `picture`.
    ///
    /// # Errors
    ///
    /// If it is neither a PNG nor a JPEG, or is damaged.
    pub fn decode(file: &[u8]) -> Result<Self, ImageError> {
        decode(Path::new("picture"), file)
    }

    /// Rows of pixels.
    pub fn height(&self) -> usize {
        self.pixels.height() as usize
    }

    /// Columns of pixels.
    pub fn width(&self) -> usize {
        self.pixels.width() as usize
    }

    /// The pixels in so many channels, of 16 bits a sample if the file has more than 8; alpha is dropped.
    pub(super) fn in_channels(&self, channels: usize) -> DynamicImage {
        let deep = !matches!(
            self.pixels,
            DynamicImage::ImageLuma8(_)
                | DynamicImage::ImageLumaA8(_)
                | DynamicImage::ImageRgb8(_)
                | DynamicImage::ImageRgba8(_)
        );
        match (channels, deep) {
            // Gray is taken as it is; colour is weighed here, because the `image` crate has other weights.
            (1, _) if self.pixels.color().has_color() => luma(&self.pixels, deep),
            (1, false) => self.pixels.to_luma8().into(),
            (1, true) => self.pixels.to_luma16().into(),
            (_, false) => self.pixels.to_rgb8().into(),
            (_, true) => self.pixels.to_rgb16().into(),
        }
    }
}

/// Luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, in 16-bit fixed point as Pillow's `convert("L")` has it.
fn luma(pixels: &DynamicImage, deep: bool) -> DynamicImage {
    // The weights' sum is 2¹⁶, so the greatest sum, 65535 · 2¹⁶ + 2¹⁵, fits 32 bits.
    let weigh = |[r, g, b]: [u32; 3]| (19_595 * r + 38_470 * g + 7_471 * b + 0x8000) >> 16;
    let (width, height) = (pixels.width(), pixels.height());
    if deep {
        let rgb = pixels.to_rgb16();
        ImageBuffer::from_fn(width, height, |x, y| ::image::Luma([weigh(rgb[(x, y)].0.map(u32::from)) as u16])).into()
    } else {
        let rgb = pixels.to_rgb8();
        GrayImage::from_fn(width, height, |x, y| ::image::Luma([weigh(rgb[(x, y)].0.map(u32::from)) as u8])).into()
    }
}

fn decode(path: &Path, file: &[u8]) -> Result<Picture, ImageError> {
    let failed = |error: ::image::ImageError| ImageError::Decode(path.to_owned(), error.to_string());
    let reader = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .map_err(|error| ImageError::Read(path.to_owned(), error))?;
    if reader.format().is_none_or(|format| !format.reading_enabled()) {
        return Err(ImageError::Format(path.to_owned()));
    }
    let mut decoder = reader.into_decoder().map_err(failed)?;
    // A header may announce more pixels than there is memory: 512 MiB are the limits' default.
    let mut limits = Limits::default();
    limits.reserve(decoder.total_bytes()).map_err(failed)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;
    pixels.apply_orientation(orientation);
    Ok(Picture { path: path.to_owned(), pixels })
}
