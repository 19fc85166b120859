//! Types as layers of a declaration: networks, and layers of one's own.
//!
//! A declared network is a [`Layer`], and so is any type that implements that trait:
//!
//! ```
//! use convnet::arithmetic::op::{Op, OwnOp};
//! use convnet::layer::{Backward, Forward, Layer, Tree};
//! use convnet::shape::{Dim, Image, Shape};
//! use convnet::typenum::B1;
//! use convnet::{Chw, cnn};
//!
//! /// y = s · x for each channel, with a learned s.
//! pub struct Scale;
//!
//! impl<C: Dim, H: Dim, W: Dim> Layer<Image<C, H, W>> for Scale {
//!     type Out = Image<C, H, W>;
//!     type Fits = B1;
//!     const TREE: Tree = Tree::Leaf(Op::Own(OwnOp {
//!         params: C::USIZE,
//!         initial: 1.0,
//!         macs: C::USIZE * H::USIZE * W::USIZE,
//!         ..OwnOp::new("scale", Image::<C, H, W>::DIMS)
//!     }));
//!
//!     fn forward(run: &mut Forward<'_>) {
//!         while let Some(step) = run.step() {
//!             let (input, scale) = (step.input(), step.plain_params());
//!             let channels = input.chunks_exact(H::USIZE * W::USIZE).zip(scale.iter().cycle());
//!             for (output, (input, scale)) in step.output.chunks_exact_mut(H::USIZE * W::USIZE).zip(channels) {
//!                 output.iter_mut().zip(input).for_each(|(y, x)| *y = scale * x);
//!             }
//!         }
//!     }
//!
//!     fn backward(run: &mut Backward<'_>) {
//!         let mut step = run.step();
//!         let cells = H::USIZE * W::USIZE;
//!         for (i, grad) in step.grad_output.chunks_exact(cells).enumerate() {
//!             let (channel, input) = (i % C::USIZE, &step.input[i * cells..][..cells]);
//!             step.grad_params[channel] += grad.iter().zip(input).map(|(g, x)| g * x).sum::<f32>();
//!             if let Some(grad_input) = &mut step.grad_input {
//!                 let sums = grad_input[i * cells..][..cells].iter_mut();
//!                 sums.zip(grad).for_each(|(sum, g)| *sum += step.params[channel] * g);
//!             }
//!         }
//!     }
//! }
//!
//! cnn! {
//!     pub struct Stem: [1, 8, 8] -> [4, 3, 3] {
//!         conv2d(4, kernel = 3), relu, max_pool2d(2),
//!     }
//! }
//! cnn! {
//!     pub struct Net: [1, 8, 8] -> [4, 2, 2] {
//!         stem: Stem => [4, 3, 3],
//!         scale: Scale => [4, 3, 3],
//!         conv2d(4, kernel = 2),
//!     }
//! }
//!
//! assert_eq!(Net::PARAMS, Stem::PARAMS + 4 + 4 * 4 * 4 + 4);
//! assert_eq!(Net::init(1).scale(), [1.0; 4]);
//! assert_eq!(Net::init(1).forward(&Chw::zeros()).as_slice().len(), 16);
//! ```
//!
//! The macro sees types as little as any macro does, so what such a layer gives is stated behind it, and held against what it
//! really gives when rustc evaluates the constants of the declaration. The layers of a network within a network are
//! layers of the outer one: its plan covers them, its names begin with theirs, `stem.conv1.weight`.

mod names;

use core::marker::PhantomData;

use convnet_shape::check;
use convnet_shape::dims::Dims;
use convnet_shape::op::OwnOp;
use convnet_shape::plan::{Node, Step};

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::network::{Network, nodes};
use crate::sequential::MAX_LAYERS;
use crate::shape::Shape;

#[doc(hidden)]
pub use names::{
    Name, files, firsts, names, names_bytes, names_len, names_of, tensors, tensors_bytes, tensors_count, tensors_len,
};

/// A layer of a declaration that is of a type not of this library.
#[doc(hidden)]
pub struct Part<L>(PhantomData<L>);

impl<In: Shape, L: Layer<In>> Layer<In> for Part<L> {
    type Out = L::Out;
    type Fits = L::Fits;
    const TREE: Tree = Tree::Part(&L::TREE);

    fn forward(run: &mut Forward<'_>) {
        L::forward(run);
    }

    fn backward(run: &mut Backward<'_>) {
        L::backward(run);
    }
}

/// Asks a type whether it is a network: `Probe::<T>::DIMS` is the constant of the inherent implementation if it is, and that
/// of [`NoNetwork`] if not.
#[doc(hidden)]
pub struct Probe<T>(PhantomData<T>);

impl<N: Network> Probe<N> {
    /// Input and output.
    pub const DIMS: Option<(Dims, Dims)> = Some((N::ARCHITECTURE.input, N::ARCHITECTURE.output()));
}

/// What [`Probe`] says of a type that is no network.
#[doc(hidden)]
pub trait NoNetwork {
    /// Nothing is known.
    const DIMS: Option<(Dims, Dims)> = None;
}

impl<T> NoNetwork for Probe<T> {}

/// A layer of a type of its own as the checks know it; `stated` is what stands behind it.
#[doc(hidden)]
pub const fn own(keyword: &'static str, network: Option<(Dims, Dims)>, stated: Dims) -> OwnOp {
    match network {
        Some((input, output)) => OwnOp { input: Some(input), ..OwnOp::new(keyword, output) },
        None => OwnOp::new(keyword, stated),
    }
}

/// Holds what is stated of layer `index` against what it gives; `first` as in [`firsts`].
#[doc(hidden)]
#[track_caller]
pub const fn require(layers: &[check::Layer<'_>], index: usize, nodes: &[Node], first: &[usize]) {
    // A type without a layer gives what it reads.
    if first[index + 1] == first[index] {
        return;
    }
    if let Some(text) = check::own_output(&layers[index], &nodes[first[index + 1] - 1].output) {
        panic!("{}", text.as_str());
    }
}

/// [`require`] for a network without a name; `ENDS` is one more than it has layers.
#[doc(hidden)]
#[track_caller]
pub const fn require_in_tree<const ENDS: usize>(
    layers: &[check::Layer<'_>],
    index: usize,
    tree: &'static Tree,
    input: &Dims,
) {
    let nodes: [Node; MAX_LAYERS] = nodes(tree, *input);
    require(layers, index, &nodes, &firsts::<ENDS>(tree));
}

/// Where the parameters of the nodes from `first` up to `end` are.
#[doc(hidden)]
pub const fn params(steps: &[Step], first: usize, end: usize) -> core::ops::Range<usize> {
    if first == end {
        return 0..0;
    }
    steps[first].params..steps[end - 1].params + steps[end - 1].params_len
}
