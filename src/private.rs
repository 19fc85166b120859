//! What expansions of the macros name: no part of the public surface, may change in any release.

use core::marker::PhantomData;

pub use convnet_shape::dims::Dims;
pub use convnet_shape::graph::Reads;
use convnet_shape::graph::output;
pub use convnet_shape::plan::{Node, Plan, Purpose};
pub use convnet_shape::tensors::{Found, Tensor};
pub use convnet_shape::{check, op, tensors, window};
pub use paste::paste;
pub use typenum::{B0, B1, UInt, UTerm};

#[cfg(feature = "alloc")]
pub use alloc::{boxed::Box, vec::Vec};

pub use crate::arena::Aligned;
pub use crate::branch::{Add, Concat, Heads, Identity};
pub use crate::chain::Then;
pub use crate::embed::{canonical_array, gather};
pub use crate::layers;
pub use crate::network::{nodes, training_plan};
pub use crate::params::Params;
pub use crate::part;
pub use crate::prepared::packed_array;
pub use crate::shape;
pub use crate::shape::{Push, bit};
pub use crate::summary::layers;
pub use crate::tensor::{BY_VALUE_BYTES, ByValue, Return};
pub use crate::{__declare as declare, __heads as heads, __if_alloc as if_alloc, __skeleton as skeleton, Sequential};

use crate::arena::Floats;
use crate::layer::Layer;
pub use crate::layer::{Backward, Forward, Tree};
use crate::shape::Shape;
use crate::tensor::Value;

/// The macro's numbers and the trait solver's must be one; said only if the declaration is right otherwise. `VALUES` is
/// one more than there are layers.
///
/// `first` is as [`part::firsts`] gives it, or empty where each layer is one node.
pub const fn require_agreement<const VALUES: usize>(
    layers: &[check::Layer<'_>],
    input: &Dims,
    nodes: &[Node],
    first: &[usize],
    solved: &Dims,
) {
    let mut values = [*input; VALUES];
    let mut i = 0;
    while i < layers.len() {
        if check::any(layers, i, &values, false).is_some() {
            return;
        }
        values[i + 1] = output(&layers[i].op, &layers[i].reads, &values);
        let node = if first.is_empty() { &nodes[i] } else { &nodes[first[i + 1] - 1] };
        if check::own_output(&layers[i], &node.output).is_some() {
            return;
        }
        let agree = values[i + 1].equals(&node.output) && (!first.is_empty() || layers[i].reads.equals(&node.reads));
        assert!(agree, "the macro and the chain disagree about a shape: please report this");
        i += 1;
    }
    assert!(values[i].equals(solved), "the macro and the trait solver disagree about a shape: please report this");
}

/// The size of axis `axis` of a layer's weight.
pub const fn weight_size(nodes: &[Node], index: usize, axis: usize) -> usize {
    nodes[index].op.weight(&nodes[index].input).as_slice()[axis]
}

/// The values of a layer's bias.
pub const fn bias_size(nodes: &[Node], index: usize) -> usize {
    nodes[index].op.bias_len(&nodes[index].input)
}

/// A number in a type.
pub struct Number<const N: usize>;

impl<const N: usize> Number<N> {
    /// The number.
    pub const VALUE: usize = N;
}

/// Carries the checks of an anonymous network: the type holds code that rustc evaluates.
pub struct Checked<const CHECKED: bool>;

/// The type that a [`Checked`] keeps as it is.
pub trait KeepType<T> {
    /// `T`.
    type Type;
}

impl<T> KeepType<T> for Checked<true> {
    type Type = T;
}

/// A layer that cannot take its input because of the number of its axes: stands in a chain as if its input were
/// `Fitting`, so that the one mistake, which a constant says in decimals, is the only one that is shown.
pub struct Misfit<L, Fitting>(PhantomData<(L, Fitting)>);

impl<In: Shape, Fitting: Shape, L: Layer<Fitting>> Layer<In> for Misfit<L, Fitting> {
    type Out = L::Out;
    type Fits = L::Fits;
    const TREE: Tree = L::TREE;
    fn forward(_: &mut Forward<'_>) {}
    fn backward(_: &mut Backward<'_>) {}
}

/// Stands where the shapes and the chain of a network with mistakes would be.
pub struct Broken<V>(PhantomData<V>);

impl<V: Value> Shape for Broken<V> {
    type Array = V;
    type Channels = typenum::U1;
    const DIMS: Dims = V::DIMS;
    const LEN: usize = <V as Floats>::LEN;
}

impl<In: Shape, V: Value> Layer<In> for Broken<V> {
    type Out = Broken<V>;
    type Fits = B1;
    const TREE: Tree = Tree::Leaf(op::Op::Flatten);
    fn forward(_: &mut Forward<'_>) {}
    fn backward(_: &mut Backward<'_>) {}
}
