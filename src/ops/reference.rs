//! The textbook versions: short, obviously right, never optimised.
//!
//! They are the oracle of every other module, and they are generic over [`Real`], so that central differences in f64
//! can in turn be the oracle of their gradients. Read them first to know what an operation means; the loops visit
//! every output, and for each every tap, and ask of each tap whether it lies on the input ([`Axis::source`]).
//!
//! Shapes and arguments are those of the working versions; gradients accumulate.
//!
//! [`Axis::source`]: super::geometry::Axis::source

mod activation;
mod channels;
mod conv;
mod normalization;
mod permute;
mod pointwise;
mod pool;
mod real;

pub use activation::{activation_backward, activation_forward};
pub use channels::{normalize_backward, normalize_forward, prelu_backward, prelu_forward};
pub(super) use conv::each_product;
pub use conv::{conv_backward, conv_forward, conv_transposed, conv_transposed_backward};
pub use normalization::{batch_norm_backward, batch_norm_forward, batch_statistics, lrn_backward, lrn_forward};
pub use permute::{permute_backward, permute_forward};
pub use pointwise::{
    channel_cross_entropy, channel_log_softmax, channel_log_softmax_backward, channel_softmax,
    channel_softmax_backward, cross_entropy, linear_backward, linear_forward, log_softmax, log_softmax_backward,
    mean_squared_error, softmax, softmax_backward,
};
pub use pool::{
    average_pool_backward, average_pool_forward, global_average_backward, global_average_forward, global_max_backward,
    global_max_forward, max_pool_backward, max_pool_forward,
};
pub use real::Real;

#[cfg(test)]
mod tests;
