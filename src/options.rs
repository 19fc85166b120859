//! What a network asks of the kernels, as a type: for networks that are types through and through.
//!
//! A declared network has its [`Options`] in its [`Architecture`](crate::Architecture). A
//! [`Sequential`](crate::Sequential) has them from its third parameter, which is left out where nothing is asked:
//!
//! ```
//! use convnet::options::{Options, StatesOptions, Stored};
//! use convnet::shape::Vector;
//! use convnet::typenum::{U8, U64};
//! use convnet::{Network, Sequential, chain, layers::Linear};
//!
//! struct Halves;
//!
//! impl StatesOptions for Halves {
//!     const OPTIONS: Options = Options { weights: Stored::Bf16, ..Options::DEFAULT };
//! }
//!
//! type Net = Sequential<Vector<U64>, chain![Linear<U8>], Halves>;
//!
//! assert_eq!(Net::ARCHITECTURE.options.weights, Stored::Bf16);
//! ```

pub use convnet_shape::options::{Options, Stored};

/// A type that stands for options.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what the kernels are asked",
    label = "expected a type that implements `StatesOptions`"
)]
pub trait StatesOptions {
    /// The options.
    const OPTIONS: Options;
}

/// Nothing is asked: [`Options::DEFAULT`].
pub struct NoOptions;

impl StatesOptions for NoOptions {
    const OPTIONS: Options = Options::DEFAULT;
}
