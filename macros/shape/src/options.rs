//! What a declaration asks of the kernels: how large packed weights may be, and how exact the sums.
//!
//! Shapes, parameters and training do not depend on it; only the packed parameters of inference do, and the kernels
//! that read them.

/// The options of a network, `with memory = small, winograd = off, weights = bf16, products = bf16`.
///
/// ```
/// use convnet_shape::options::{Options, Stored};
///
/// const HALVES: Options = Options { weights: Stored::Bf16, ..Options::DEFAULT };
/// assert!(!HALVES.small && HALVES.winograd && HALVES.weights.bytes() == 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// No algorithm that enlarges packed weights: they take about as much memory as the parameters.
    pub small: bool,
    /// Whether convolutions may be computed by Winograd's algorithm: fewer multiplications, larger errors of rounding.
    pub winograd: bool,
    /// How packed weights are stored.
    pub weights: Stored,
    /// Whether direct convolutions may multiply bf16 by bf16, which rounds their inputs and their weights.
    pub bf16_products: bool,
}

impl Options {
    /// What holds where a declaration says nothing.
    pub const DEFAULT: Self = Self { small: false, winograd: true, weights: Stored::F32, bf16_products: false };
}

/// How packed weights are stored; whatever it is, sums are `f32`.
///
/// Linear layers store them in any of these ways. Convolutions, whose weights are read once and used at every position, in
/// bf16 where they read blocked values directly, and else as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// As they are.
    F32,
    /// IEEE 754's 16 bits: 11 bits of precision, up to 65504.
    F16,
    /// The upper half of an `f32`: 8 bits of precision, its range.
    Bf16,
    /// Whole numbers from −127 to 127, times a scale for each output channel.
    Int8,
}

impl Stored {
    /// Bytes of one weight.
    pub const fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Int8 => 1,
        }
    }
}
