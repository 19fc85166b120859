//! Slices in, slices out: the arithmetic of every layer.
//!
//! A kernel here is a plain function over `&[f32]` and one struct of sizes ([`geometry`]). It knows no tensor, no
//! layer and no network, is not generic over shapes, allocates nothing and keeps nothing between calls. Lengths
//! are asserted once, at the door; a wrong length is a mistake of the caller and panics. Layers call these
//! functions with ranges of an arena; so may anyone who has slices and wants no types.
//!
//! Batches lead: input `[N, C, D, H, W]`, output `[N, C', D', H', W']`, sizes in the geometry are those of one
//! sample. Gradients accumulate (`+=`); zeroing is the caller's act.
//!
//! | module | what is there, lowest first |
//! |---|---|
//! | [`mod@reference`] | the textbook loops, generic over f32 and f64: the oracle of all the others |
//! | [`gemm`] | C ← A B + β C, our own or matrixmultiply's |
//! | [`im2col`] | patches as columns, and back |
//! | [`activation`], [`prelu`] | functions of each value by itself, in place |
//! | [`conv`] | convolution: strips of im2col, then the product; depthwise directly |
//! | [`conv_transpose`] | transposed convolution: the product, then col2im |
//! | [`linear`] | fully connected, its weights as floats or, [`linear::stored`], narrow |
//! | `blocked` | prepared networks: direct and Winograd's convolutions, and all that goes with their layout |
//! | [`quantized`] | layers in whole numbers: bytes in, bytes out |
//! | [`pool`] | max, average, global max and average |
//! | [`softmax`] | softmax and log-softmax of rows, or over the channels at each position |
//! | [`lrn`], [`batch_norm`], [`normalize`] | normalisation: across channels, over a batch, with constants |
//! | [`permute`], [`mod@concat`] | values in another order; branches side by side |
//! | [`loss`] | cross-entropy, mean squared error |
//! | [`dropout`] | a mask that is a function of seed and index |
//! | [`teach`] | what a textbook draws: the matrix of a convolution, kernels taken apart |
//!
//! ```
//! use convnet::ops::{Product, Weight, geometry::Linear, linear};
//!
//! let g = Linear { in_features: 3, out_features: 2, bias: true };
//! let (weight, bias) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [0.5, -0.5]);
//! let mut output = [0.0; 2];
//! linear::forward(&g, 1, &[1.0, 0.0, -1.0], Weight::Canonical(&weight), &bias, None, &mut output, Product::Own);
//! assert_eq!(output, [-1.5, -2.5]);
//! ```
//!
//! Everything is `no_std` without `alloc`, but for [`Product::Library`], which allocates.

pub mod activation;
pub mod add;
pub mod batch_norm;
pub(crate) mod blocked;
pub mod concat;
pub mod conv;
pub mod conv_transpose;
pub mod dropout;
pub mod gemm;
pub mod im2col;
pub mod linear;
pub mod loss;
pub mod lrn;
pub mod normalize;
mod panels;
pub mod permute;
pub mod pool;
pub mod prelu;
pub mod quantized;
pub mod reference;
pub mod softmax;
mod sums;
pub mod teach;
#[cfg(test)]
mod testing;

pub use convnet_shape::dims::Dims;
pub use convnet_shape::op::{Activation, LrnOp, Permutation};
pub use convnet_shape::{geometry, window};

use crate::simd::Isa;

/// Output channels in one panel of packed weights.
///
/// 16 floats are one 64-byte cache line and one 512-bit register, two of 256 bits, four of 128: every
/// microkernel's rows divide it, so one packed form serves all instruction sets.
pub const PANEL: usize = 16;

/// The weight of a convolution, transposed convolution or linear layer, in one of its two orders.
#[derive(Clone, Copy, Debug)]
pub enum Weight<'a> {
    /// PyTorch's order: `[C_out, C_in / groups, K_d, K_h, K_w]`, transposed `[C_in, C_out / groups, K_d, K_h, K_w]`, or
    /// `[out, in]`. The bias is a separate argument.
    Canonical(&'a [f32]),
    /// What [`conv::pack`], [`conv_transpose::pack`] or [`linear::pack`] wrote, bias included at its end. The bias
    /// argument is then empty.
    Packed(&'a [f32]),
}

/// Asserts that values of such a length are whole samples `[C, cells]`.
#[track_caller]
fn assert_samples(channels: usize, cells: usize, length: usize) {
    let sample = channels * cells;
    assert!(sample > 0 && length.is_multiple_of(sample), "{length} values are not whole samples of {channels}×{cells}");
}

/// Whose general matrix product a forward pass uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Ours, with the best instructions that the CPU has, without allocation.
    Own,
    /// Ours, with these instructions.
    On(Isa),
    /// matrixmultiply's, which allocates; ours if the feature `matrixmultiply` is off. An oracle: on the shapes of
    /// `benches/gemm.rs` ours is 1.2 to 2.7 times as fast with AVX2, 1.9 to 3.5 times with AVX-512 (one thread of an Intel
    /// Xeon). With SSE2 alone it would be half as fast: matrixmultiply takes AVX2 whatever `CONVNET_ISA` says.
    Library,
}

impl Product {
    /// The instructions to use where there is no general product to choose.
    pub(crate) fn isa(self) -> Isa {
        match self {
            Product::On(isa) => isa,
            Product::Own | Product::Library => Isa::best(),
        }
    }
}
