//! The layers, one file each: its type, its shape rule, forward and backward.
//!
//! | layer | DSL | input → output |
//! |---|---|---|
//! | [`Conv`] | `conv1d`, `conv2d`, `conv3d` | `[C, …]` → `[O, …]` |
//! | [`DepthwiseConv`] | `depthwise_conv1d`, `depthwise_conv2d`, `depthwise_conv3d` | `[C, …]` → `[C · M, …]` |
//! | [`ConvTranspose`] | `conv_transpose1d`, `conv_transpose2d`, `conv_transpose3d` | `[C, …]` → `[O, …]` |
//! | [`MaxPool`], [`AvgPool`] | `max_pool1d`, `avg_pool1d`, … | `[C, …]` → `[C, …]` |
//! | [`GlobalAvgPool`], [`GlobalMaxPool`] | `global_avg_pool`, `global_max_pool` | `[C, …]` → `[C]` |
//! | [`Linear`] | `linear` | `[N]` → `[M]` |
//! | [`Flatten`], [`Reshape`] | `flatten`, `reshape` | the same values with other sizes |
//! | [`Permute`] | `permute` | the axes in another order |
//! | [`Relu`], [`LeakyRelu`], [`Elu`], [`Selu`], [`Gelu`], [`Silu`], [`Clamp`], [`HardSwish`], [`Tanh`], [`Sigmoid`] | `relu`, … | any, unchanged |
//! | [`Prelu`] | `prelu` | any, unchanged |
//! | [`Softmax`], [`LogSoftmax`] | `softmax`, `log_softmax` | any, unchanged |
//! | [`Lrn`] | `lrn` | any, unchanged |
//! | [`BatchNorm`] | `batch_norm` | any, unchanged |
//! | [`Normalize`] | `normalize` | any, unchanged |
//! | [`Dropout`] | `dropout` | any, unchanged |
//!
//! `separable_conv2d` and `spatially_separable_conv2d` are two of these each.

mod activation;
mod batch_norm;
pub(crate) mod conv;
mod conv_transpose;
mod dropout;
mod flatten;
mod global_pool;
pub(crate) mod linear;
mod lrn;
mod normalize;
mod permute;
pub(crate) mod pool;
mod prelu;
mod softmax;

pub use activation::{Clamp, Elu, Gelu, HardSwish, LeakyRelu, Relu, Relu6, Selu, Sigmoid, Silu, Tanh};
pub use batch_norm::BatchNorm;
pub use conv::{Conv, Conv1d, Conv2d, Conv3d, DepthwiseConv, DepthwiseConv1d, DepthwiseConv2d, DepthwiseConv3d};
pub use conv_transpose::{ConvTranspose, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d};
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use global_pool::{GlobalAvgPool, GlobalMaxPool};
pub use linear::Linear;
pub use lrn::Lrn;
pub use normalize::{ChannelStatistics, Normalize};
pub use permute::{Permute, Reshape};
pub use pool::{AvgPool, AvgPool1d, AvgPool2d, AvgPool3d, MaxPool, MaxPool1d, MaxPool2d, MaxPool3d};
pub use prelu::Prelu;
pub use softmax::{LogSoftmax, Softmax};
