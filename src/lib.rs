//! Convolutional networks as constants.
//!
//! The macro [`cnn!`] turns the declaration of an architecture into a type. Every output size
//! ⌊(n + 2p − k) / s⌋ + 1 is computed while the program is compiled; what does not fit does not compile, and the
//! message says what would. The memory of a network is one arena whose size is a constant, its parameters are one
//! buffer, and a trained network can sit inside the program, weights included.
//!
//! ```
//! use convnet::{Chw, Flat, cnn};
//!
//! cnn! {
//!     /// LeNet-5 for 28×28 grayscale digits.
//!     pub struct LeNet5: [1, 28, 28] -> [10] {
//!         conv1: conv2d(6, kernel = 5, padding = 2), relu,
//!         max_pool2d(2),
//!         conv2: conv2d(16, kernel = 5), relu,
//!         max_pool2d(2),
//!         flatten,
//!         fc1: linear(120), relu,
//!         fc2: linear(84), relu,
//!         fc3: linear(10),
//!     }
//! }
//!
//! // A budget is a line of Rust.
//! const _: () = assert!(LeNet5::PARAMS == 61_706 && LeNet5::SCRATCH_BYTES <= 32 * 1024);
//!
//! let net = LeNet5::init(42); // random parameters from a seed; `load` reads a file
//! let image: Chw<1, 28, 28> = Chw::zeros(); // or a view of a slice: `Chw::from_slice(&pixels)?`
//! let scores: Flat<10> = net.forward(&image);
//!
//! let fast = net.prepare(); // packed, for inference alone
//! assert_eq!(fast.forward(&image).len(), scores.len());
//!
//! let weight: &[[[[f32; 5]; 5]; 1]; 6] = net.conv1().weight(); // parameters have types
//! println!("{} {}", weight[0][0][0][0], LeNet5::summary());
//! ```
//!
//! # The tour, from the lowest floor up
//!
//! | module | what is there |
//! |---|---|
//! | [`arithmetic`] | sizes, costs, plans and sentences: `const fn`s that the macro shares |
//! | [`simd`] | vector instructions as tokens, and which of them are used |
//! | `threads` | the one place that knows threads, with the feature `rayon` |
//! | [`ops`] | kernels on slices: im2col, matrix products, pools, activations, losses, and the textbook loops |
//! | [`arena`] | floats in a row as values with a shape, without a copy |
//! | [`shape`] | shapes as types, and the arithmetic of the trait solver |
//! | [`tensor`] | [`Chw`], [`Flat`], [`Tensor`]: values with a shape |
//! | [`data`] | 8- and 16-bit pixels and PCM sound as values, and pixels back |
//! | [`layer`], [`layers`], [`chain`](mod@chain), [`branch`] | what a layer is; the layers; joining them by hand, one behind the other and side by side |
//! | [`network`], [`prepared`], [`options`], [`part`] | what every network is; a network for inference alone, and what it may ask of the kernels; networks and types of your own as layers |
//! | [`mod@quantized`] | a network in whole numbers: weights and values of one byte |
//! | [`teach`] | the matrix of a layer, its kernels taken apart, its multiplications counted |
//! | [`weights`], [`packed`](mod@packed) | saving and loading: safetensors files, and files that are used as they are |
//! | [`verify`] | test vectors that come with weights |
//! | `image` | PNG and JPEG files as inputs of networks, with the feature of that name |
//! | [`train`] | backpropagation, losses, optimisers, schedules |
//! | `models` | LeNet-5, AlexNet, VGG, GoogLeNet, ResNet, …, with the feature of that name |
//!
//! # Three ways to say a network
//!
//! - [`cnn!`] as an item, above: a named type with typed parameters.
//! - [`cnn!`] in the place of a type: `type Stem = cnn!([3, 227, 227] -> conv2d(96, kernel = 11, stride = 4), relu);`
//! - a chain by hand, generic over its input size if you like: [`Sequential`], [`chain!`](chain!), and the example
//!   at [`Layer`].
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `std` | yes | `alloc`, and `std` in the dependencies |
//! | `alloc` | yes | `forward`, `forward_batch`, `init`, `prepare`, `quantize`: whatever needs a heap |
//! | `matrixmultiply` | yes | the general product of that crate, [`ops::Product::Library`], to compare with |
//! | `safetensors` | yes | `load`, `save`, [`weights`] |
//! | `train` | yes | backpropagation, losses, optimisers |
//! | `rayon` | no | threads: those of rayon's pool that is current when a network runs or trains |
//! | `image` | no | `image`: PNG and JPEG files, resized, cropped and normalised, as inputs of networks |
//! | `models` | no | `models`: networks from LeNet-5 to ResNet-34, declared |
//!
//! Without any of them the library is `no_std` and never allocates: declare, [`embed!`], `forward_into`.
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "alloc")]
extern crate alloc;
// Declarations inside this crate name it as users do.
extern crate self as convnet;

pub use convnet_shape as arithmetic;

mod half;
#[cfg(feature = "alloc")]
mod heap;
pub mod simd;
mod threads;

pub mod ops;

pub mod arena;
pub mod shape;
pub mod tensor;

pub mod data;

pub mod branch;
pub mod chain;
mod kernels;
pub mod layer;
pub mod layers;

mod needs;
pub mod network;
pub mod options;
pub mod params;
pub mod part;
pub mod prepared;
pub mod quantized;
mod sequential;
pub mod summary;
pub mod views;

mod embed;
#[cfg(feature = "image")]
pub mod image;
#[cfg(feature = "alloc")]
mod init;
#[cfg(feature = "alloc")]
pub mod packed;
#[cfg(feature = "alloc")]
pub mod teach;
#[cfg(feature = "train")]
pub mod train;
pub mod verify;
#[cfg(feature = "safetensors")]
pub mod weights;

#[cfg(feature = "models")]
pub mod models;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod declare;

pub use convnet_macros::{cnn, embed};
#[cfg(feature = "alloc")]
pub use init::Init;
pub use layer::Layer;
pub use network::{Architecture, Network};
pub use prepared::Prepared;
pub use quantized::Quantized;
pub use sequential::Sequential;
pub use summary::{LayerInfo, Summary};
pub use tensor::{Cdhw, Chw, Cl, Flat, LengthError, Tensor, Value};
pub use views::{LayerParams, LayerParamsMut};

/// Numerals as types, for hand-built chains.
pub use typenum;

/// The README's code compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
