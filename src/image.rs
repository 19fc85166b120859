//! Pictures in files as inputs of networks: PNG and JPEG, resized, cropped, normalised.
//!
//! A [`Picture`] is a decoded file; a [`Preprocess`] says how it becomes a [`Chw`](crate::Chw); [`save_png`] writes a
//! value back. The steps are those of torchvision and, before it, of AlexNet, VGG and GoogLeNet:
//!
//! > resize → crop to `[H, W]` → flip → 0…1 → (x − mean) / std
//!
//! ```
//! use convnet::Chw;
//! use convnet::image::{IMAGENET_MEAN, IMAGENET_STD, Preprocess, to_png};
//!
//! let file = to_png(&Chw([[[0.5; 320]; 260]; 3]))?; // or a path: `Preprocess::open`
//! let imagenet = Preprocess::new().shorter_side(256).normalize(IMAGENET_MEAN, IMAGENET_STD);
//! let input: Box<Chw<3, 224, 224>> = imagenet.decode(&file)?;
//! assert!((input[0][100][100] - (128.0 / 255.0 - 0.485) / 0.229).abs() < 1e-6);
//!
//! // For training: a place and a side of its own for each sample of each epoch.
//! let (epoch, index) = (2, 17);
//! let seed = epoch * 50_000 + index;
//! let varied: Box<Chw<3, 224, 224>> = imagenet.random_crop(seed).random_flip(seed).decode(&file)?;
//! # let _ = varied;
//! # Ok::<(), convnet::image::ImageError>(())
//! ```
//!
//! Pixels that are in memory already, a camera's frames say, need no file:
//! [`Chw::from_pixels`](crate::Chw::from_pixels).

mod error;
mod picture;
mod png;
mod preprocess;

pub use error::ImageError;
pub use picture::Picture;
pub use png::{save_png, to_png};
pub use preprocess::Preprocess;

/// Means of red, green and blue over ImageNet's training set, in units of 0…1: what torchvision's models subtract
/// (<https://docs.pytorch.org/vision/stable/models.html>).
pub const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];

/// Standard deviations that go with [`IMAGENET_MEAN`].
pub const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// So many channels of a picture.
pub struct Channels<const C: usize>;

/// "Pictures have `C` channels": 1, luma, or 3, red, green and blue.
#[diagnostic::on_unimplemented(
    message = "a picture has 1 channel (gray) or 3 (red, green, blue), which `{Self}` are not",
    label = "neither 1 nor 3 channels"
)]
pub trait Colors: Sealed {}

/// Numbers of channels that are known here.
pub trait Sealed {}

impl Sealed for Channels<1> {}
impl Sealed for Channels<3> {}
impl Colors for Channels<1> {}
impl Colors for Channels<3> {}
