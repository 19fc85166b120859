//! A network for inference alone: its parameters packed as the microkernels read them.
//!
//! The packed layout is one for all instruction sets, panels of 16 output channels (see [`ops`](crate::ops)), and
//! packing is a `const fn`: [`embed!`](crate::embed!) runs it while the program is compiled.

use core::fmt;
use core::marker::PhantomData;

use convnet_shape::files::packed::Kind;
use convnet_shape::op::Op;
use convnet_shape::plan::{Algorithm, Step};

use crate::kernels::Kernels;
use crate::needs::{linear_with_bias, with_bias};
use crate::network::{Architecture, Network, Planned, run_in};
use crate::ops::{Weight, batch_norm, blocked, conv, conv_transpose, linear};
use crate::params::Params;

#[cfg(feature = "alloc")]
use crate::{
    arena::Floats,
    network::{Arenas, run_batch, run_on_heap},
    tensor::Returned,
};
#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(not(feature = "alloc"))]
use crate::arena::Floats;

/// The network `N`, packed for inference.
pub struct Prepared<N> {
    packed: Params,
    steps: &'static [Step],
    vectors: Params,
    #[cfg(feature = "alloc")]
    arenas: Arenas,
    network: PhantomData<fn() -> N>,
}

impl<N: Network> Prepared<N> {
    /// Bytes of the packed parameters.
    pub const BYTES: usize = N::ARCHITECTURE.prepared_bytes();

    /// A network with parameters that were packed for it, in either of two forms, which their number tells apart: as
    /// [`prepare`](Network::prepare) packs them, or compact, as [`embed!`](crate::embed!) does.
    ///
    /// # Panics
    ///
    /// If there are neither [`BYTES`](Self::BYTES)` / 4` nor [`Architecture::compact_packed`] of them; in a constant, that is a
    /// compile error.
    pub const fn from_packed(packed: Params) -> Self {
        let (architecture, len) = (N::ARCHITECTURE, packed.as_slice().len());
        let kind = if len == architecture.sizes.packed { Kind::Full } else { Kind::Compact };
        assert!(len == architecture.packed_len(kind), "packed parameters of another network");
        Self::of_kind(packed, kind, Params::Static(&[]))
    }

    /// A network with parameters that were packed in this form, and with test vectors; as many of both as is right.
    pub(crate) const fn of_kind(packed: Params, kind: Kind, vectors: Params) -> Self {
        Self {
            packed,
            steps: N::ARCHITECTURE.packing(kind),
            vectors,
            #[cfg(feature = "alloc")]
            arenas: Arenas::keep(),
            network: PhantomData,
        }
    }

    /// The form that the parameters are packed in.
    #[cfg(feature = "alloc")]
    pub(crate) fn kind(&self) -> Kind {
        if core::ptr::eq(self.steps, N::ARCHITECTURE.compact) { Kind::Compact } else { Kind::Full }
    }

    /// The test vectors, pairs of an input and an output in a row; see [`verify`](Self::verify).
    pub(crate) const fn vectors(&self) -> &[f32] {
        self.vectors.as_slice()
    }

    /// The parameters with the plan that they are packed for, to run one sample.
    fn planned(&self) -> Planned<'_> {
        (Weight::Packed(self.packed()), self.steps, const { &Kernels::prepared(N::ARCHITECTURE, false) })
    }

    /// The same for several.
    #[cfg(feature = "alloc")]
    fn planned_for_several(&self) -> Planned<'_> {
        (Weight::Packed(self.packed()), self.steps, const { &Kernels::prepared(N::ARCHITECTURE, true) })
    }

    /// The packed parameters.
    pub const fn packed(&self) -> &[f32] {
        self.packed.as_slice()
    }

    /// Runs one input, with the feature `rayon` on the threads of its current pool.
    ///
    /// The memory that this takes beside the parameters, [`Architecture::scratch_bytes`] or with threads a little more, is
    /// kept for the next call.
    #[cfg(feature = "alloc")]
    pub fn forward(&self, input: &N::Input) -> N::Returned {
        Returned::filled(|output: &mut N::Output| self.forward_on_heap(input, output))
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn forward_on_heap(&self, input: &N::Input, output: &mut N::Output) {
        run_on_heap::<N>(self.planned(), 1, input.as_floats(), output.as_floats_mut(), &self.arenas);
    }

    /// Runs one input in the caller's memory: no allocation.
    ///
    /// It runs on this thread; called on a thread of rayon's pool, with the feature `rayon`, layers that need no scratch use the
    /// others too. [`forward`](Self::forward) uses all.
    ///
    /// # Panics
    ///
    /// If `Scratch` is a slice and too short: see [`Network::forward_into`].
    pub fn forward_into(&self, input: &N::Input, output: &mut N::Output, scratch: &mut N::Scratch) {
        run_in::<N>(self.planned(), input.as_floats(), output.as_floats_mut(), scratch.as_mut());
    }

    /// Runs many inputs.
    #[cfg(feature = "alloc")]
    pub fn forward_batch(&self, inputs: &[N::Input]) -> Vec<N::Output> {
        run_batch::<N>(self.planned_for_several(), inputs, &self.arenas)
    }
}

impl<N: Network> Clone for Prepared<N> {
    fn clone(&self) -> Self {
        Self {
            packed: self.packed.clone(),
            steps: self.steps,
            vectors: self.vectors.clone(),
            #[cfg(feature = "alloc")]
            arenas: Arenas::keep(),
            network: PhantomData,
        }
    }
}

impl<N: Network> fmt::Debug for Prepared<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared<{}> ({} packed floats)", N::ARCHITECTURE.name, self.packed().len())
    }
}

/// Packs the canonical parameters of a network for a plan, its prepared or its compact one; `packed` has as many floats as
/// that asks for.
///
/// Batch normalisations become a scale and a shift, and those directly behind a convolution or a linear layer part of
/// it; for that the canonical parameters are changed in place.
pub const fn pack(architecture: &Architecture, steps: &[Step], canonical: &mut [f32], packed: &mut [f32]) {
    fold_all(architecture, steps, canonical);
    let mut i = 0;
    while i < architecture.nodes.len() {
        pack_layer(architecture, steps, i, canonical, packed);
        i += 1;
    }
}

/// Folds every batch normalisation.
pub(crate) const fn fold_all(architecture: &Architecture, steps: &[Step], canonical: &mut [f32]) {
    let mut i = 0;
    while i < architecture.nodes.len() {
        if let Op::BatchNorm(op) = &architecture.nodes[i].op {
            fold(architecture, steps, i, op.epsilon, canonical);
        }
        i += 1;
    }
}

/// Weight and bias of layer `i`, or none, after [`fold_all`].
pub(crate) const fn folded<'a>(
    architecture: &Architecture,
    steps: &[Step],
    i: usize,
    canonical: &'a [f32],
) -> (&'a [f32], &'a [f32]) {
    let (node, step) = (&architecture.nodes[i], &steps[i]);
    let own = canonical.split_at(step.params).1.split_at(step.params_len).0;
    let (weight, bias) = own.split_at(node.op.weight(&node.input).len());
    if !step.folded {
        return (weight, bias);
    }
    let next = &steps[i + 1];
    let channels = next.params_len / 4;
    (weight, canonical.split_at(next.params + 2 * channels).1.split_at(channels).0)
}

/// Batch normalisation `i`: γ ← scale, β ← shift, and if it is folded into the layer before it, that layer's weight
/// is scaled and the running mean ← the bias that it then has.
const fn fold(architecture: &Architecture, steps: &[Step], i: usize, epsilon: f32, canonical: &mut [f32]) {
    let step = &steps[i];
    let (before, own) = canonical.split_at_mut(step.params);
    let (own, _) = own.split_at_mut(step.params_len);
    let channels = own.len() / 4;
    let mut channel = 0;
    while channel < channels {
        let (gamma, beta) = ([own[channel]], [own[channels + channel]]);
        let statistics = [own[2 * channels + channel], own[3 * channels + channel]];
        let (mut scale, mut shift) = ([0.0], [0.0]);
        batch_norm::scale_and_shift(epsilon, &gamma, &beta, &statistics, &mut scale, &mut shift);
        (own[channel], own[channels + channel]) = (scale[0], shift[0]);
        channel += 1;
    }
    if i == 0 || !steps[i - 1].folded {
        return;
    }
    let (node, step) = (&architecture.nodes[i - 1], &steps[i - 1]);
    let (_, before) = before.split_at_mut(step.params);
    let (weight, bias) = before.split_at_mut(node.op.weight(&node.input).len());
    let (scale, rest) = own.split_at_mut(channels);
    let (shift, rest) = rest.split_at_mut(channels);
    let (new_bias, _) = rest.split_at_mut(channels);
    channel = 0;
    while channel < channels {
        new_bias[channel] = if node.op.bias_len(&node.input) > 0 { bias[channel] } else { 0.0 };
        channel += 1;
    }
    match &node.op {
        Op::ConvTranspose(op) => {
            batch_norm::fold_transposed(&op.geometry(&node.input), scale, shift, weight, new_bias);
        }
        _ => batch_norm::fold(scale, shift, weight, new_bias),
    }
}

const fn pack_layer(architecture: &Architecture, steps: &[Step], i: usize, canonical: &[f32], packed: &mut [f32]) {
    let (node, step) = (&architecture.nodes[i], &steps[i]);
    let own = canonical.split_at(step.params).1.split_at(step.params_len).0;
    let (weight, bias) = folded(architecture, steps, i, canonical);
    let (_, to) = packed.split_at_mut(step.packed);
    let (to, _) = to.split_at_mut(step.packed_len);
    match &node.op {
        Op::Conv(op) => {
            let geometry = op.geometry(&node.input);
            match step.form.algorithm {
                Algorithm::Direct | Algorithm::Dots => blocked::direct::pack(&geometry, &step.form, weight, bias, to),
                Algorithm::Rows => blocked::rows::pack(&geometry, weight, bias, to),
                Algorithm::Winograd(m) => blocked::winograd::pack(&geometry, m, weight, bias, to),
                Algorithm::Depthwise => blocked::depthwise::pack(&geometry, weight, bias, to),
                _ => conv::pack(&with_bias(geometry, step.folded), weight, bias, to),
            }
        }
        Op::ConvTranspose(op) => {
            conv_transpose::pack(&with_bias(op.geometry(&node.input), step.folded), weight, bias, to);
        }
        Op::Linear(op) => {
            let geometry = linear_with_bias(op.geometry(&node.input), step.folded);
            linear::stored::pack_for(&geometry, step.form.stored, &step.form.input, weight, bias, to);
        }
        // Scale and shift, or slopes: as they are.
        _ => to.copy_from_slice(own.split_at(to.len()).0),
    }
}

/// [`pack`] for the compact plan, into an array, for constants.
pub const fn packed_array<const STORED: usize, const PACKED: usize>(
    architecture: &Architecture,
    canonical: &[f32; STORED],
) -> [f32; PACKED] {
    let mut packed = [0.0; PACKED];
    let mut canonical = *canonical;
    pack(architecture, architecture.compact, &mut canonical, &mut packed);
    packed
}

/// What [`embed!`](crate::embed!) makes of parameters whose form and number a constant beside it has checked.
pub const fn embedded<N: Network>(packed: &'static [f32], kind: Kind, vectors: &'static [f32]) -> Prepared<N> {
    Prepared::of_kind(Params::Static(packed), kind, Params::Static(vectors))
}
