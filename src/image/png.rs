//! Values as files.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use ::image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::{Channels, Colors, ImageError};
use crate::Chw;

/// Writes a value of 0…1, `[1, H, W]` gray or `[3, H, W]` RGB, as a PNG of 8 bits a sample, rounded and clamped as
/// [`Chw::to_pixels`] has it.
///
/// ```no_run
/// convnet::image::save_png(&convnet::Chw([[[0.5; 64]; 64]; 3]), "gray.png")?;
/// # Ok::<(), convnet::image::ImageError>(())
/// ```
///
/// # Errors
///
/// If the value has no pixels, or the file cannot be written.
pub fn save_png<const C: usize, const H: usize, const W: usize>(
    value: &Chw<C, H, W>,
    path: impl AsRef<Path>,
) -> Result<(), ImageError>
where
    Channels<C>: Colors,
{
    let path = path.as_ref();
    fs::write(path, to_png(value)?).map_err(|error| ImageError::Write(path.to_owned(), error))
}

/// The file that [`save_png`] writes, in memory.
///
/// ```
/// let file = convnet::image::to_png(&convnet::Chw([[[0.5; 64]; 64]; 3]))?;
/// assert_eq!(file[1..4], *b"PNG");
/// # Ok::<(), convnet::image::ImageError>(())
/// ```
///
/// # Errors
///
/// If the value has no pixels.
pub fn to_png<const C: usize, const H: usize, const W: usize>(value: &Chw<C, H, W>) -> Result<Vec<u8>, ImageError>
where
    Channels<C>: Colors,
{
    let encode = |why: String| ImageError::Encode(why);
    if H == 0 || W == 0 {
        return Err(encode(format!("it has {:?} pixels, at least [1, 1] are needed", [H, W])));
    }
    let size = |size: usize| u32::try_from(size).map_err(|_| encode(format!("{size} pixels are more than 2³² − 1")));
    let color = if C == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let mut file = Cursor::new(Vec::new());
    PngEncoder::new(&mut file)
        .write_image(&value.to_pixels::<u8>(), size(W)?, size(H)?, color)
        .map_err(|error| encode(error.to_string()))?;
    Ok(file.into_inner())
}
