//! What every network is, declared or hand-built: constants, one parameter buffer, and a way to run.
//!
//! [`cnn!`](crate::cnn!) implements [`Network`] for the types it declares and repeats its constants and methods as
//! inherent ones, so that the trait is needed only in generic code. [`Sequential`](crate::Sequential) is the network
//! around a hand-built chain.

mod architecture;
mod run;

use crate::arena::Floats;
use crate::layer::Layer;
use crate::params::Params;
use crate::shape::Shape;
use crate::summary::Summary;
use crate::tensor::{Returned, Value};

#[cfg(feature = "alloc")]
use crate::init::Init;
#[cfg(feature = "alloc")]
use crate::{
    prepared::Prepared,
    quantized::{QuantizeError, Quantized},
};
#[cfg(feature = "alloc")]
use alloc::vec::Vec;

pub use architecture::{Architecture, compact_plan, nodes, prepared_plan, training_plan};
use run::canonical;
#[cfg(feature = "alloc")]
pub(crate) use run::{Arenas, run_batch, run_on_heap};
pub(crate) use run::{Planned, run_in};

/// A network: a chain of layers with its parameters.
///
/// `Input` and `Output` are values at the door ([`Chw`](crate::Chw), [`Flat`](crate::Flat), [`crate::Tensor`]);
/// `Shape` is the input as the trait solver knows it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a network",
    label = "expected a network: a type that `cnn!` declares, or a `Sequential`"
)]
pub trait Network: Sized {
    /// The shape of the input.
    type Shape: Shape;
    /// The layers.
    type Chain: Layer<Self::Shape>;
    /// The input.
    type Input: Value;
    /// The output.
    type Output: Value;
    /// The output as `forward` returns it: by value up to 16 KiB, boxed beyond.
    type Returned: Returned<Self::Output>;
    /// The memory that [`forward_into`](Network::forward_into) runs in: an array for declared networks, whose size
    /// is a constant, a slice for hand-built ones.
    type Scratch: AsMut<[f32]> + ?Sized;
    /// The sizes, costs and plans.
    const ARCHITECTURE: &'static Architecture;

    /// A network with these parameters; there must be [`Architecture::stored`] of them.
    fn from_params(params: Params) -> Self;

    /// The parameters: layer by layer, weight and then bias, in PyTorch's order.
    fn params(&self) -> &[f32];

    /// The parameters, to write; embedded ones are copied to the heap first.
    #[cfg(feature = "alloc")]
    fn params_mut(&mut self) -> &mut [f32];

    /// The table of layers, sizes and costs.
    fn summary() -> Summary {
        Summary(Self::ARCHITECTURE)
    }

    /// A network with random parameters, the same for the same seed: Kaiming for weights, as in PyTorch.
    #[cfg(feature = "alloc")]
    fn init(seed: u64) -> Self {
        Self::init_with(Init::Kaiming, seed)
    }

    /// A network with random parameters drawn so, the same for the same seed.
    #[cfg(feature = "alloc")]
    fn init_with(init: Init, seed: u64) -> Self {
        Self::from_params(Params::Owned(crate::init::params(Self::ARCHITECTURE, init, seed)))
    }

    /// Runs one input.
    #[cfg(feature = "alloc")]
    fn forward(&self, input: &Self::Input) -> Self::Returned {
        Returned::filled(|output: &mut Self::Output| {
            run_on_heap::<Self>(canonical(self), 1, input.as_floats(), output.as_floats_mut(), &Arenas::NONE);
        })
    }

    /// Runs one input in the caller's memory: no allocation.
    ///
    /// # Panics
    ///
    /// If `Scratch` is a slice and shorter than [`Architecture::scratch_bytes`]`(1)`.
    fn forward_into(&self, input: &Self::Input, output: &mut Self::Output, scratch: &mut Self::Scratch) {
        run_in::<Self>(canonical(self), input.as_floats(), output.as_floats_mut(), scratch.as_mut());
    }

    /// Runs many inputs.
    #[cfg(feature = "alloc")]
    fn forward_batch(&self, inputs: &[Self::Input]) -> Vec<Self::Output> {
        run_batch::<Self>(canonical(self), inputs, &Arenas::NONE)
    }

    /// The same network for inference alone: parameters packed as the kernels read them.
    #[cfg(feature = "alloc")]
    fn prepare(&self) -> Prepared<Self> {
        let mut packed = crate::heap::zeros(Self::ARCHITECTURE.sizes.packed);
        let steps = Self::ARCHITECTURE.prepared;
        crate::prepared::pack(Self::ARCHITECTURE, steps, &mut self.params().to_vec(), &mut packed);
        Prepared::from_packed(Params::Owned(packed))
    }

    /// Packs the parameters into a file for [`embed!`](crate::embed!): see [`packed`](crate::packed).
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    #[cfg(feature = "std")]
    fn pack_to(&self, path: impl AsRef<std::path::Path>) -> Result<(), crate::packed::PackedError> {
        crate::packed::save(self, &crate::packed::Vectors::NONE, path.as_ref())
    }

    /// The same network in whole numbers, for inference alone: see [`quantized`](crate::quantized).
    ///
    /// `samples` show between which numbers values lie: inputs as they will come, a hundred as a rule.
    ///
    /// # Errors
    ///
    /// If a layer has no integer kernel, or there is no sample, or one on which values are not finite.
    #[cfg(feature = "alloc")]
    fn quantize(&self, samples: &[Self::Input]) -> Result<Quantized<Self>, QuantizeError> {
        Quantized::new(self, samples)
    }
}
