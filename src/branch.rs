//! Paths side by side: [`Concat`] joins their channels, [`Add`] sums them, [`Heads`] are the outputs of a network.
//!
//! All paths read one value. They run one after the other, and write where the joined value has them, so that joining
//! copies nothing but what other layers read as well (see [`Plan`](convnet_shape::plan::Plan)).
//!
//! ```
//! use convnet::branch::{Add, Concat, Identity};
//! use convnet::layers::{Conv2d, MaxPool2d, Relu};
//! use convnet::shape::{Image, Window};
//! use convnet::typenum::{U1, U3, U4, U8};
//! use convnet::{Sequential, Tensor, chain};
//!
//! // [3, 8, 8] → 4 + 3 channels → [4, 8, 8], and that twice.
//! type Two = Concat<(chain![Conv2d<U4, Window<U3, U1, U1>>, Relu], MaxPool2d<Window<U3, U1, U1>>)>;
//! type Residual = Add<(Identity, Conv2d<U4, Window<U3, U1, U1>>)>;
//! type Net = Sequential<Image<U3, U8, U8>, chain![Two, Conv2d<U4, Window<U1>>, Residual]>;
//!
//! assert_eq!(Net::init(1).forward(&Tensor::zeros()).as_slice().len(), 4 * 8 * 8);
//! ```

use core::marker::PhantomData;
use core::ops::BitAnd;

use convnet_shape::op::Op;
use typenum::{And, B1, Bit};

use crate::chain::Then;
use crate::layer::{Backward, Forward, Layer, Tree};
use crate::shape::{Adds, Concatenates, Count, Shape, Vector};
use crate::tensor::Value;

/// The channels of 1 to 8 paths in a row: `[C₁, H, W]`, `[C₂, H, W]`, … → `[C₁ + C₂ + …, H, W]`. PyTorch: `torch.cat`.
///
/// `Paths` is a tuple, `Concat<(A, B)>`.
pub struct Concat<Paths>(PhantomData<Paths>);

/// The sum of 1 to 8 paths of one shape, value by value. PyTorch: `+`.
///
/// `Paths` is a tuple, `Add<(Identity, B)>`.
pub struct Add<Paths>(PhantomData<Paths>);

/// A chain that ends in [`Heads`], on inputs of shape `In`.
pub trait EndsInHeads<In: Shape>: Layer<In> {
    /// The shapes of the heads, a tuple.
    type Shapes;
}

/// A network with heads of these shapes.
pub trait HeadsOf<Shapes> {
    /// A struct with a field for each.
    type Output: Value;
}

impl<In: Shape, A: Layer<In>, B: EndsInHeads<A::Out>> EndsInHeads<In> for Then<A, B>
where
    Self: Layer<In>,
{
    type Shapes = B::Shapes;
}

macro_rules! ends_in_heads {
    ($([$($path:ident)+])+) => {$(
        impl<In: Shape, $($path: Layer<In>),+> EndsInHeads<In> for Heads<($($path,)+)>
        where
            Self: Layer<In>,
        {
            type Shapes = ($($path::Out,)+);
        }
    )+};
}
ends_in_heads!([A] [A B] [A B C] [A B C D] [A B C D E] [A B C D E F] [A B C D E F G] [A B C D E F G H]);

/// The values of 1 to 8 paths in a row, whatever their shapes: the outputs of a network that has several. `[2, H, W]` and
/// `[4]` → `[2 · H · W + 4]`.
///
/// `Paths` is a tuple, `Heads<(A, B)>`. [`cnn!`](crate::cnn!) gives a declared network a struct with a field for each.
pub struct Heads<Paths>(PhantomData<Paths>);

/// A path without a layer: the value as it is. PyTorch: `nn.Identity`.
pub struct Identity;

impl<In: Shape> Layer<In> for Identity {
    type Out = In;
    type Fits = B1;
    const TREE: Tree = Tree::Identity;

    fn forward(_: &mut Forward<'_>) {}

    fn backward(_: &mut Backward<'_>) {}
}

/// Paths that read one value of shape `In`.
pub trait Paths<In: Shape> {
    /// The operations of each.
    const TREES: &'static [&'static Tree];

    /// Runs all forward, the first first.
    fn forward(run: &mut Forward<'_>);
    /// Runs all backward, the last first.
    fn backward(run: &mut Backward<'_>);
}

/// Paths whose channels can stand in a row.
pub trait ConcatPaths<In: Shape>: Paths<In> {
    /// The joined shape.
    type Out: Shape;
    /// Whether all windows in the paths fit, and the paths fit together.
    type Fits: Bit;
}

/// Paths that can be added up.
pub trait AddPaths<In: Shape>: Paths<In> {
    /// The shape of them all.
    type Out: Shape;
    /// Whether all windows in the paths fit, and the paths are of one shape.
    type Fits: Bit;
}

/// Paths whose values can stand in a row.
pub trait HeadPaths<In: Shape>: Paths<In> {
    /// A vector of all values.
    type Out: Shape;
    /// Whether all windows in the paths fit.
    type Fits: Bit;
}

impl<In: Shape, P: ConcatPaths<In>> Layer<In> for Concat<P> {
    type Out = P::Out;
    type Fits = P::Fits;
    const TREE: Tree = Tree::Join(Op::Concat, P::TREES);

    fn forward(run: &mut Forward<'_>) {
        P::forward(run);
        run.concat();
    }

    fn backward(run: &mut Backward<'_>) {
        run.concat();
        P::backward(run);
    }
}

impl<In: Shape, P: AddPaths<In>> Layer<In> for Add<P> {
    type Out = P::Out;
    type Fits = P::Fits;
    const TREE: Tree = Tree::Join(Op::Add, P::TREES);

    fn forward(run: &mut Forward<'_>) {
        P::forward(run);
        run.add();
    }

    fn backward(run: &mut Backward<'_>) {
        run.add();
        P::backward(run);
    }
}

impl<In: Shape, P: HeadPaths<In>> Layer<In> for Heads<P> {
    type Out = P::Out;
    type Fits = P::Fits;
    const TREE: Tree = Tree::Join(Op::Heads, P::TREES);

    fn forward(run: &mut Forward<'_>) {
        P::forward(run);
        run.concat();
    }

    fn backward(run: &mut Backward<'_>) {
        run.concat();
        P::backward(run);
    }
}

impl<In: Shape, A: Layer<In>> Paths<In> for (A,) {
    const TREES: &'static [&'static Tree] = &[&A::TREE];

    fn forward(run: &mut Forward<'_>) {
        A::forward(run);
    }

    fn backward(run: &mut Backward<'_>) {
        A::backward(run);
    }
}

impl<In: Shape, A: Layer<In>> ConcatPaths<In> for (A,) {
    type Out = A::Out;
    type Fits = A::Fits;
}

impl<In: Shape, A: Layer<In>> AddPaths<In> for (A,) {
    type Out = A::Out;
    type Fits = A::Fits;
}

impl<In: Shape, A: Layer<In, Out: Count>> HeadPaths<In> for (A,) {
    type Out = Vector<<A::Out as Count>::Len>;
    type Fits = A::Fits;
}

/// One path more: its shape and what it joins are those of the paths behind it, so that projections stay flat.
macro_rules! one_more_path {
    ($first:ident $($rest:ident)+) => {
        impl<In: Shape, $first: Layer<In>, $($rest: Layer<In>),+> Paths<In> for ($first, $($rest,)+) {
            const TREES: &'static [&'static Tree] = &[&$first::TREE, $(&$rest::TREE),+];

            fn forward(run: &mut Forward<'_>) {
                $first::forward(run);
                <($($rest,)+) as Paths<In>>::forward(run);
            }

            fn backward(run: &mut Backward<'_>) {
                <($($rest,)+) as Paths<In>>::backward(run);
                $first::backward(run);
            }
        }

        impl<In: Shape, $first: Layer<In>, $($rest: Layer<In>),+> ConcatPaths<In> for ($first, $($rest,)+)
        where
            ($($rest,)+): ConcatPaths<In>,
            $first::Out: Concatenates<<($($rest,)+) as ConcatPaths<In>>::Out>,
            $first::Fits: BitAnd<<($($rest,)+) as ConcatPaths<In>>::Fits>,
            And<$first::Fits, <($($rest,)+) as ConcatPaths<In>>::Fits>: BitAnd<
                <$first::Out as Concatenates<<($($rest,)+) as ConcatPaths<In>>::Out>>::Fits,
                Output: Bit,
            >,
        {
            type Out = <$first::Out as Concatenates<<($($rest,)+) as ConcatPaths<In>>::Out>>::Out;
            type Fits = And<
                And<$first::Fits, <($($rest,)+) as ConcatPaths<In>>::Fits>,
                <$first::Out as Concatenates<<($($rest,)+) as ConcatPaths<In>>::Out>>::Fits,
            >;
        }

        impl<In: Shape, $first: Layer<In, Out: Count>, $($rest: Layer<In>),+> HeadPaths<In> for ($first, $($rest,)+)
        where
            ($($rest,)+): HeadPaths<In>,
            Vector<<$first::Out as Count>::Len>: Concatenates<<($($rest,)+) as HeadPaths<In>>::Out>,
            $first::Fits: BitAnd<<($($rest,)+) as HeadPaths<In>>::Fits, Output: Bit>,
        {
            type Out = <Vector<<$first::Out as Count>::Len> as Concatenates<<($($rest,)+) as HeadPaths<In>>::Out>>::Out;
            type Fits = And<$first::Fits, <($($rest,)+) as HeadPaths<In>>::Fits>;
        }

        impl<In: Shape, $first: Layer<In>, $($rest: Layer<In>),+> AddPaths<In> for ($first, $($rest,)+)
        where
            ($($rest,)+): AddPaths<In>,
            $first::Out: Adds<<($($rest,)+) as AddPaths<In>>::Out>,
            $first::Fits: BitAnd<<($($rest,)+) as AddPaths<In>>::Fits>,
            And<$first::Fits, <($($rest,)+) as AddPaths<In>>::Fits>: BitAnd<
                <$first::Out as Adds<<($($rest,)+) as AddPaths<In>>::Out>>::Fits,
                Output: Bit,
            >,
        {
            type Out = $first::Out;
            type Fits = And<
                And<$first::Fits, <($($rest,)+) as AddPaths<In>>::Fits>,
                <$first::Out as Adds<<($($rest,)+) as AddPaths<In>>::Out>>::Fits,
            >;
        }
    };
}
one_more_path!(A B);
one_more_path!(A B C);
one_more_path!(A B C D);
one_more_path!(A B C D E);
one_more_path!(A B C D E F);
one_more_path!(A B C D E F G);
one_more_path!(A B C D E F G H);
