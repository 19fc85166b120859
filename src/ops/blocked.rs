//! The layers of a prepared network on blocked values, `[C / 16][D][H][W][16]`, and the direct convolution, which reads and
//! writes blocked and planar values.
//!
//! The sixteen channels of a block are one vector ([`LANES`](crate::simd::LANES)), so whatever treats channels alike is a
//! loop over vectors: pools, batch normalisation, depthwise convolution. A convolution multiplies vectors of sixteen
//! *output* channels by single values of the input; a patch of the input is a set of addresses, and im2col needs no
//! memory. What it all rests on is [`tiles`]: P output positions × N blocks of output channels in registers.
//!
//! Weights are packed `[C_out / 16][C_in / B][K_d][K_h][K_w][B][16]`, B the channels of an input block, 16 or, planar, 1:
//! the order in which the loops meet them.
//!
//! Biases and short activations are applied to sums in registers. Residual additions and pools are kernels of their own, because
//! there is nothing to gain: of the time of a forward pass (Zen 4, one thread) the additions of ResNet-18 take 0.7 %, those
//! of MobileNet v2 0.3 %, the pools of ResNet-18 1.1 %, of VGG-16 1.4 %, and of a small network for digits 2.3 %.

// Loops over indices wherever instructions are used: a closure over vectors that is not inlined has not the instructions of
// the function that it stands in.
#![allow(clippy::needless_range_loop)]

pub mod channels;
pub mod depthwise;
pub mod direct;
pub mod linear;
pub mod lrn;
pub mod pool;
pub mod rows;
mod strip;
mod tiles;
pub mod winograd;

#[cfg(test)]
mod tests;
