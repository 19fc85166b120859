//! Convolutional networks as constants.
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "alloc")]
extern crate alloc;
// Declarations inside this crate name it as users do.
extern crate self as convnet;

pub mod ops;

pub mod arena;
pub mod shape;
pub mod tensor;

pub mod chain;
pub mod layer;
pub mod layers;

mod needs;
pub mod network;
pub mod params;
pub mod prepared;
mod sequential;
pub mod summary;
pub mod views;

mod embed;
#[cfg(feature = "alloc")]
mod init;
#[cfg(feature = "train")]
pub mod train;
#[cfg(feature = "safetensors")]
pub mod weights;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod declare;

pub use convnet_macros::{cnn, embed};
pub use layer::Layer;
pub use network::{Architecture, Network};
pub use prepared::Prepared;
pub use sequential::Sequential;
pub use summary::{LayerInfo, Summary};
pub use tensor::{Cdhw, Chw, Cl, Flat, LengthError, Tensor, Value};
pub use views::{LayerParams, LayerParamsMut};

/// Numerals as types, for hand-built chains.
pub use typenum;
