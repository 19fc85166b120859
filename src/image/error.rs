//! What can be wrong with a picture.

use std::path::PathBuf;
use std::{fmt, io};

/// Why a picture could not be read, prepared or written.
///
/// Each begins with the path of the file; bytes in memory are called `picture`.
#[derive(Debug)]
#[non_exhaustive]
pub enum ImageError {
    /// The file could not be read.
    Read(PathBuf, io::Error),
    /// The file could not be written.
    Write(PathBuf, io::Error),
    /// The first bytes are those of no format that is known here.
    Format(PathBuf),
    /// The format is known, the rest is damaged or too large: why.
    Decode(PathBuf, String),
    /// The picture is smaller than the crop.
    Smaller {
        /// The file.
        path: PathBuf,
        /// Its height and width, after it was resized.
        found: [usize; 2],
        /// Height and width of the network's input.
        needed: [usize; 2],
    },
    /// The picture would be resized to none or to very many pixels.
    Resize {
        /// The file.
        path: PathBuf,
        /// Its height and width.
        from: [usize; 2],
        /// Height and width it would get.
        to: [usize; 2],
    },
    /// A value cannot be a PNG: why.
    Encode(String),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "cannot read `{}`: {error}", path.display()),
            Self::Write(path, error) => write!(f, "cannot write `{}`: {error}", path.display()),
            Self::Format(path) => {
                write!(f, "`{}` begins like no image known here; it must be a PNG or a JPEG", path.display())
            }
            Self::Decode(path, why) => write!(f, "`{}` cannot be decoded: {why}", path.display()),
            Self::Smaller { path, found, needed } => write!(
                f,
                "`{}` has {found:?} pixels, the crop needs at least {needed:?}; resize with `shorter_side({})` or more",
                path.display(),
                needed[0].max(needed[1]),
            ),
            Self::Resize { path, from, to } => write!(
                f,
                "`{}` has {from:?} pixels and would be resized to {to:?}; at least 1 and at most {} are needed",
                path.display(),
                super::preprocess::MAX_PIXELS,
            ),
            Self::Encode(why) => write!(f, "the value cannot be written as a PNG: {why}"),
        }
    }
}

impl std::error::Error for ImageError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(_, error) | Self::Write(_, error) => Some(error),
            _ => None,
        }
    }
}
