//! What expansions of the macros name: no part of the public surface, may change in any release.

use core::marker::PhantomData;

pub use convnet_shape::dims::Dims;
pub use convnet_shape::files::packed::Kind;
pub use convnet_shape::graph::Reads;
use convnet_shape::graph::output;
pub use convnet_shape::options::{Options, Stored};
pub use convnet_shape::plan::{Node, Plan, Purpose};
pub use convnet_shape::tensors::{Found, Tensor};
pub use convnet_shape::{check, op, tensors, window};
pub use paste::paste;
pub use typenum::{B0, B1, UInt, UTerm};

#[cfg(feature = "alloc")]
pub use alloc::{boxed::Box, vec::Vec};

pub use crate::arena::Aligned;
pub use crate::branch::{Add, Concat, EndsInHeads, Heads, HeadsOf, Identity};
pub use crate::chain::Then;
pub use crate::embed::{
    AlignedBytes, canonical_array, floats, gather, require_packed, require_vectors, vectors_array, vectors_len,
};
pub use crate::layers;
pub use crate::network::{compact_plan, nodes, prepared_plan, training_plan};
pub use crate::params::Params;
pub use crate::part;
pub use crate::prepared::{embedded, packed_array};
pub use crate::shape;
pub use crate::shape::{Push, bit};
pub use crate::summary::layers;
pub use crate::tensor::{BY_VALUE_BYTES, ByValue, Return};
pub use crate::{
    __declare as declare, __declare_generic as declare_generic, __heads as heads, __heads_traits as heads_traits,
    __if_alloc as if_alloc, __if_safetensors as if_safetensors, __if_std as if_std, __skeleton as skeleton,
    __tensors as tensors_of, Sequential,
};

#[cfg(all(
    target_endian = "little",
    not(miri),
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv32",
        target_arch = "riscv64",
        target_arch = "loongarch64",
        all(target_arch = "x86", not(any(windows, target_os = "uefi"))),
    ),
))]
pub use crate::__embed_by_assembler as embed_file;
/// How a packed file gets into the program.
#[cfg(not(all(
    target_endian = "little",
    not(miri),
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv32",
        target_arch = "riscv64",
        target_arch = "loongarch64",
        all(target_arch = "x86", not(any(windows, target_os = "uefi"))),
    ),
)))]
pub use crate::__embed_by_rustc as embed_file;

/// What `forward` would return boxed; without a heap there is no `forward`.
#[cfg(not(feature = "alloc"))]
pub type Box<T> = T;

use crate::arena::Floats;
use crate::layer::Layer;
pub use crate::layer::{Backward, Forward, Tree};
use crate::options::StatesOptions;
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

/// Holds what a network over a generic input size is declared to give, each output with its name and value, against what
/// it gives.
pub const fn require_stated(network: &str, nodes: &[Node], names: &[&str], stated: &[(&str, usize, &[Option<usize>])]) {
    let mut i = 0;
    while i < stated.len() {
        let (head, value, sizes) = stated[i];
        let (last, output) = match value {
            0 => ("", nodes[0].input),
            _ => (names[value - 1], nodes[value - 1].output),
        };
        let mut declared = [0; convnet_shape::dims::MAX_RANK];
        let mut axis = 0;
        while axis < sizes.len() {
            declared[axis] = match sizes[axis] {
                Some(size) => size,
                None => output.size(axis),
            };
            axis += 1;
        }
        let declared = Dims::new(declared.split_at(sizes.len()).0);
        let text = match head.is_empty() {
            true => check::network_output(network, last, &output, &declared),
            false => check::head_output(head, last, &output, &declared),
        };
        if let Some(text) = text {
            panic!("{}", text.as_str());
        }
        i += 1;
    }
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

/// The options of a network in the place of a type, as they are declared; `STORED` is in the order of [`Stored`].
pub struct Declared<const SMALL: bool, const WINOGRAD: bool, const STORED: u8, const BF16: bool>;

impl<const SMALL: bool, const WINOGRAD: bool, const STORED: u8, const BF16: bool> StatesOptions
    for Declared<SMALL, WINOGRAD, STORED, BF16>
{
    const OPTIONS: Options = Options {
        small: SMALL,
        winograd: WINOGRAD,
        weights: match STORED {
            0 => Stored::F32,
            1 => Stored::F16,
            2 => Stored::Bf16,
            3 => Stored::Int8,
            _ => panic!("there are four ways to store weights"),
        },
        bf16_products: BF16,
    };
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
