//! A network for inference alone: its parameters packed as the microkernels read them.
//!
//! The packed layout is one for all instruction sets, panels of 16 output channels (see [`ops`](crate::ops)), and
//! packing is a `const fn`: [`embed!`](crate::embed!) runs it while the program is compiled.

use core::fmt;
use core::marker::PhantomData;

use convnet_shape::op::Op;

use crate::network::{Architecture, Network, run};
use crate::ops::{Product, Weight, conv, linear};
use crate::params::Params;

#[cfg(feature = "alloc")]
use crate::{
    arena::Floats,
    network::{run_batch, run_on_heap},
    tensor::Returned,
};
#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(not(feature = "alloc"))]
use crate::arena::Floats;

/// The network `N`, packed for inference.
pub struct Prepared<N> {
    packed: Params,
    network: PhantomData<fn() -> N>,
}

impl<N: Network> Prepared<N> {
    /// Bytes of the packed parameters.
    pub const BYTES: usize = N::ARCHITECTURE.prepared_bytes();

    /// A network with packed parameters of the right number.
    ///
    /// # Panics
    ///
    /// If there are more or fewer than [`BYTES`](Self::BYTES)` / 4`; in a constant, that is a compile error.
    pub const fn from_packed(packed: Params) -> Self {
        assert!(packed.as_slice().len() == N::ARCHITECTURE.sizes.packed, "packed parameters of another network");
        Self { packed, network: PhantomData }
    }

    /// The packed parameters.
    pub const fn packed(&self) -> &[f32] {
        self.packed.as_slice()
    }

    /// Runs one input.
    #[cfg(feature = "alloc")]
    pub fn forward(&self, input: &N::Input) -> N::Returned {
        Returned::filled(|output: &mut N::Output| {
            run_on_heap::<N>(Weight::Packed(self.packed()), 1, input.as_floats(), output.as_floats_mut());
        })
    }

    /// Runs one input in the caller's memory: no allocation.
    ///
    /// # Panics
    ///
    /// If `Scratch` is a slice and too short: see [`Network::forward_into`].
    pub fn forward_into(&self, input: &N::Input, output: &mut N::Output, scratch: &mut N::Scratch) {
        let packed = Weight::Packed(self.packed());
        run::<N>(packed, 1, input.as_floats(), output.as_floats_mut(), scratch.as_mut(), Product::Own);
    }

    /// Runs many inputs.
    #[cfg(feature = "alloc")]
    pub fn forward_batch(&self, inputs: &[N::Input]) -> Vec<N::Output> {
        run_batch::<N>(Weight::Packed(self.packed()), inputs)
    }
}

impl<N> Clone for Prepared<N> {
    fn clone(&self) -> Self {
        Self { packed: self.packed.clone(), network: PhantomData }
    }
}

impl<N: Network> fmt::Debug for Prepared<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared<{}> ({} packed floats)", N::ARCHITECTURE.name, self.packed().len())
    }
}

/// Packs the canonical parameters of a network; `packed` has `sizes.packed` floats.
pub const fn pack(architecture: &Architecture, canonical: &[f32], packed: &mut [f32]) {
    let mut i = 0;
    while i < architecture.nodes.len() {
        let node = &architecture.nodes[i];
        let step = &architecture.plan[i];
        let (_, own) = canonical.split_at(step.params);
        let (own, _) = own.split_at(step.params_len);
        let (weight, bias) = own.split_at(node.op.weight(&node.input).len());
        let (_, to) = packed.split_at_mut(step.packed);
        let (to, _) = to.split_at_mut(step.packed_len);
        match &node.op {
            Op::Conv(op) => conv::pack(&op.geometry(&node.input), weight, bias, to),
            Op::Linear(op) => linear::pack(&op.geometry(&node.input), weight, bias, to),
            _ => {}
        }
        i += 1;
    }
}

/// [`pack`] into an array, for constants.
pub const fn packed_array<const LEN: usize>(architecture: &Architecture, canonical: &[f32]) -> [f32; LEN] {
    let mut packed = [0.0; LEN];
    pack(architecture, canonical, &mut packed);
    packed
}
