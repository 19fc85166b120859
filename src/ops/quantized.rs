//! Layers in whole numbers: bytes in, bytes out, sums of 32 bits between.
//!
//! Values are channels last, `[D, H, W, C]`, one byte each: what the byte q stands for is s · (q − z), see [`requantize`]. That is
//! TensorFlow Lite's int8 with 128 added to every byte and zero point (Jacob et al., *Quantization and training of neural
//! networks for efficient integer-arithmetic-only inference*, CVPR 2018, section 2): without a sign, because that is what
//! `vpdpbusd` multiplies, and what pixels are. Weights have a sign, −127…127, and a scale of their own for each output
//! channel.
//!
//! | module | what is there |
//! |---|---|
//! | [`requantize`] | scales, zero points, and the step from a sum to a byte |
//! | [`conv`], [`depthwise`] | sums of products; a linear layer is a convolution of one cell |
//! | [`pool`] | max and average |
//! | [`pointwise`] | functions as tables, sums of paths, paths side by side |
//! | [`order`] | values in another order: between `[C, D, H, W]` and `[D, H, W, C]`, and as `reshape` and `permute` ask |
//! | [`mod@reference`] | the textbook loops |
//!
//! Every kernel gives the same bytes on every instruction set: [`Isa`](crate::simd::Isa) is only about speed. None
//! allocates. Values are followed by [`SLACK`] bytes, which kernels read and write as they like, so that whole vectors can be.

// Loops over indices wherever instructions are used, as in `blocked`.
#![allow(clippy::needless_range_loop)]

pub mod conv;
pub mod depthwise;
pub mod order;
pub mod pointwise;
pub mod pool;
pub mod reference;
pub mod requantize;
mod strip;
mod tiles;

pub use convnet_shape::plan::integer::SLACK;
pub use strip::scratch_bytes;

/// What an output channel has beside its weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// What its sums begin with, the zero point of the input taken off: b / (s_in · s_w) − z Σ w.
    pub bias: i32,
    /// s_in · s_w / s_out.
    pub factor: requantize::Factor,
}

#[cfg(test)]
mod tests;
