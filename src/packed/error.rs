//! Why a packed file could not be written or used.

use alloc::string::String;
use core::fmt;

/// Why a packed file could not be written or used.
#[derive(Debug)]
pub enum PackedError {
    /// The file could not be read.
    #[cfg(feature = "std")]
    Read(std::path::PathBuf, std::io::Error),
    /// The file could not be written.
    #[cfg(feature = "std")]
    Write(std::path::PathBuf, std::io::Error),
    /// The bytes are not a packed file, or are damaged, or of a version or a kind that is not read: a sentence.
    Format(String),
    /// It is a packed file of another network, or of another architecture with the same name: a sentence.
    Mismatch(String),
}

impl fmt::Display for PackedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "std")]
            Self::Read(path, error) => write!(f, "cannot read `{}`: {error}", path.display()),
            #[cfg(feature = "std")]
            Self::Write(path, error) => write!(f, "cannot write `{}`: {error}", path.display()),
            Self::Format(sentence) | Self::Mismatch(sentence) => f.write_str(sentence),
        }
    }
}

impl core::error::Error for PackedError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            #[cfg(feature = "std")]
            Self::Read(_, error) | Self::Write(_, error) => Some(error),
            Self::Format(_) | Self::Mismatch(_) => None,
        }
    }
}
