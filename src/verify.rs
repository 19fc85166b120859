//! Test vectors: inputs that a file of weights brings, and the outputs that they must give where the network runs.
//!
//! Whoever trained a network puts some pairs beside its weights: tensors `test.input`, `[n, …]`, and `test.output`, `[n, …]`, in a
//! safetensors file (every other reader leaves them out), or [`Vectors`](crate::packed::Vectors) in a packed one.
//! `embed!(Net, "net.safetensors", vectors)` takes them into the program, and a test or the start of the program holds the
//! network against them: the right weights, in the right order, by kernels that compute what was meant, on this machine.
//!
//! ```ignore
//! static NET: Prepared<LeNet5> = embed!(LeNet5, "lenet5.safetensors", vectors);
//!
//! #[test]
//! fn the_network_is_the_one_that_was_trained() {
//!     NET.verify(1e-4).unwrap();
//! }
//! ```
//!
//! In PyTorch:
//!
//! ```python
//! x = torch.rand(4, 1, 28, 28)
//! save_file(model.state_dict() | {"test.input": x, "test.output": model(x)}, "lenet5.safetensors")
//! ```

use core::fmt;

use crate::arena::Floats;
use crate::network::Network;
use crate::prepared::Prepared;

/// Why a network is not what its test vectors say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum VerifyError {
    /// There are none: the file had none, or `embed!` was not asked for them.
    NoVectors {
        /// The name of the network.
        network: &'static str,
    },
    /// A value of an output differs.
    Differs {
        /// The name of the network.
        network: &'static str,
        /// Which pair, from 0.
        pair: usize,
        /// Which value of its output, in the order in which they lie, from 0.
        output: usize,
        /// The value that was computed.
        found: f32,
        /// The value that the file has.
        expected: f32,
        /// How far apart they may be.
        allowed: f32,
    },
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVectors { network } => write!(f, "`{network}` has no test vectors to be verified by"),
            Self::Differs { network, pair, output, found, expected, allowed } => {
                write!(f, "`{network}` gives {found} for output {output} of test vector {pair}, not {expected}")?;
                write!(f, "; they may differ by {allowed}")
            }
        }
    }
}

impl core::error::Error for VerifyError {}

impl<N: Network> Prepared<N> {
    /// Runs every test vector that came with the weights. Each value of an output may differ by `tolerance` times the largest
    /// magnitude in that output: 10⁻⁴ suffices for `f32`; weights stored narrow need more, some 10⁻² for `bf16`.
    ///
    /// # Errors
    ///
    /// The first value that differs by more, or is no number; and that there are no test vectors.
    ///
    /// ```
    /// use convnet::packed::{Vectors, to_bytes};
    /// use convnet::{Flat, Prepared, cnn};
    ///
    /// cnn! { struct Net: [3] -> [2] { fc1: linear(2) } }
    ///
    /// let net = Net::init(1);
    /// let expected = Flat([9.0, 9.0]); // which it does not give
    /// let file = to_bytes(&net, &Vectors::new(vec![Flat([1.0, 2.0, 3.0])], vec![expected]));
    /// let error = Prepared::<Net>::from_packed_bytes(&file).unwrap().verify(1e-4).unwrap_err();
    /// assert!(error.to_string().starts_with("`Net` gives ") && error.to_string().contains(" of test vector 0, not 9;"));
    /// ```
    #[cfg(feature = "alloc")]
    pub fn verify(&self, tolerance: f32) -> Result<(), VerifyError> {
        self.hold(tolerance, &mut *N::Output::zeroed_box(), |input, output| self.forward_on_heap(input, output))
    }

    /// The same in the caller's memory: no allocation.
    ///
    /// # Errors
    ///
    /// As `verify`, whose `tolerance` it is.
    ///
    /// # Panics
    ///
    /// If `Scratch` is a slice and too short: see [`Network::forward_into`].
    pub fn verify_into(
        &self,
        tolerance: f32,
        output: &mut N::Output,
        scratch: &mut N::Scratch,
    ) -> Result<(), VerifyError> {
        self.hold(tolerance, output, |input, output| self.forward_into(input, output, scratch))
    }

    fn hold(
        &self,
        tolerance: f32,
        output: &mut N::Output,
        mut forward: impl FnMut(&N::Input, &mut N::Output),
    ) -> Result<(), VerifyError> {
        let network = N::ARCHITECTURE.name;
        let mut pairs = self.vectors().chunks_exact(<N::Input as Floats>::LEN + <N::Output as Floats>::LEN).enumerate();
        if pairs.len() == 0 {
            return Err(VerifyError::NoVectors { network });
        }
        pairs.try_for_each(|(pair, floats)| {
            let (input, all_expected) = floats.split_at(<N::Input as Floats>::LEN);
            let Some(input) = N::Input::from_floats(input) else { return Ok(()) };
            forward(input, output);
            let allowed = tolerance * all_expected.iter().fold(0.0, |largest: f32, x| largest.max(x.abs()));
            let values = output.as_floats().iter().zip(all_expected).enumerate();
            for (output, (&found, &expected)) in values {
                let difference = (found - expected).abs();
                // What is no number is within nothing.
                if difference > allowed || difference.is_nan() || allowed.is_nan() {
                    return Err(VerifyError::Differs { network, pair, output, found, expected, allowed });
                }
            }
            Ok(())
        })
    }
}
