//! The layers, one file each: its type, its shape rule, forward and backward.
//!
//! | layer | DSL | input → output |
//! |---|---|---|
//! | [`Conv`] | `conv2d` | `[C, H, W]` → `[O, H', W']` |
//! | [`MaxPool`], [`AvgPool`] | `max_pool2d`, `avg_pool2d` | `[C, H, W]` → `[C, H', W']` |
//! | [`GlobalAvgPool`] | `global_avg_pool` | `[C, …]` → `[C]` |
//! | [`Linear`] | `linear` | `[N]` → `[M]` |
//! | [`Flatten`] | `flatten` | `[C, …]` → `[C · …]` |
//! | [`Relu`], [`Tanh`], [`Sigmoid`] | `relu`, `tanh`, `sigmoid` | any, unchanged |
//! | [`Softmax`] | `softmax` | `[N]` → `[N]` |
//! | [`Dropout`] | `dropout` | any, unchanged |

mod activation;
mod conv;
mod dropout;
mod flatten;
mod global_pool;
mod linear;
mod pool;
mod softmax;

pub use activation::{Relu, Sigmoid, Tanh};
pub use conv::{Conv, Conv1d, Conv2d, Conv3d};
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use global_pool::GlobalAvgPool;
pub use linear::Linear;
pub use pool::{AvgPool, AvgPool1d, AvgPool2d, AvgPool3d, MaxPool, MaxPool1d, MaxPool2d, MaxPool3d};
pub use softmax::Softmax;
