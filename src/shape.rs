//! Shapes in types, and the window arithmetic of the trait solver.
//!
//! A shape is a type: [`Image<U3, U224, U224>`](Image) is a colour image. Its sizes are typenum numerals, because
//! stable Rust computes with those in the trait solver, so that `Image<C, H, W>` works for an `H` that a function
//! does not know yet. All type-level arithmetic stands in this file, behind [`Slide`]: the sizes it derives are the
//! ones that [`convnet_shape`] computes, and every network asserts it.
//!
//! The arithmetic is *total*. A window that is larger than its input still has an output (of one position); whether
//! it fits is a type of its own, [`Slide::Fits`], and only the methods that run a chain demand it. A mistake in a
//! hand-built chain is therefore one sentence, [`AllWindowsFit`], and not forty lines of unmet bounds.

use core::marker::PhantomData;
use core::ops::{Add, BitAnd, Div, Mul, Sub};

use convnet_shape::dims::Dims;
use convnet_shape::op::Permutation;
use convnet_shape::window::{self, Padding, Rounding};
use generic_array::{ArrayLength, GenericArray};
use typenum::{
    And, B0, B1, Bit, Diff, Eq, Gr, GrEq, IsEqual, IsGreater, IsGreaterOrEqual, IsLess, Le, Max, Maximum, Prod, Quot,
    Sum, U0, U1, U2, U3, U4, Unsigned,
};

use crate::arena::Floats;

/// Sizes as a value, `dims(&[3, 224, 224])`: what [`Shape::DIMS`] is.
pub const fn dims(sizes: &[usize]) -> Dims {
    Dims::new(sizes)
}

/// A size in a type: any typenum numeral.
pub trait Dim: ArrayLength {}
impl<N: ArrayLength> Dim for N {}

/// The sizes of one value, as a type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a shape",
    label = "expected `Vector<N>`, `Seq<C, L>`, `Image<C, H, W>` or `Volume<C, D, H, W>`"
)]
pub trait Shape: 'static {
    /// The value itself: nested arrays, channels outermost.
    type Array: Floats;
    /// The size of the first axis: channels, or features of a vector.
    type Channels: Dim;
    /// The sizes as numbers.
    const DIMS: Dims;
    /// How many values: the product of the sizes.
    const LEN: usize = <Self::Array as Floats>::LEN;
    /// The size of the first axis.
    const CHANNELS: usize = Self::Channels::USIZE;
    /// Values of one channel.
    const CELLS: usize = match Self::LEN.checked_div(Self::CHANNELS) {
        Some(cells) => cells,
        None => 0,
    };
}

/// A vector, `[N]`.
pub struct Vector<N>(PhantomData<N>);
/// A sequence, `[C, L]`.
pub struct Seq<C, L>(PhantomData<(C, L)>);
/// An image, `[C, H, W]`.
pub struct Image<C, H, W>(PhantomData<(C, H, W)>);
/// A volume or a video, `[C, D, H, W]`.
pub struct Volume<C, D, H, W>(PhantomData<(C, D, H, W)>);

impl<N: Dim> Shape for Vector<N> {
    type Array = GenericArray<f32, N>;
    type Channels = N;
    const DIMS: Dims = Dims::new(&[N::USIZE]);
}

impl<C: Dim, L: Dim> Shape for Seq<C, L> {
    type Array = GenericArray<GenericArray<f32, L>, C>;
    type Channels = C;
    const DIMS: Dims = Dims::new(&[C::USIZE, L::USIZE]);
}

impl<C: Dim, H: Dim, W: Dim> Shape for Image<C, H, W> {
    type Array = GenericArray<GenericArray<GenericArray<f32, W>, H>, C>;
    type Channels = C;
    const DIMS: Dims = Dims::new(&[C::USIZE, H::USIZE, W::USIZE]);
}

impl<C: Dim, D: Dim, H: Dim, W: Dim> Shape for Volume<C, D, H, W> {
    type Array = GenericArray<GenericArray<GenericArray<GenericArray<f32, W>, H>, D>, C>;
    type Channels = C;
    const DIMS: Dims = Dims::new(&[C::USIZE, D::USIZE, H::USIZE, W::USIZE]);
}

/// A shape whose number of values is a numeral: what `flatten` and `reshape` need.
pub trait Count: Shape {
    /// The product of the sizes.
    type Len: Dim;
}

/// A shape with channels and positions, which `flatten` turns into a vector.
#[diagnostic::on_unimplemented(
    message = "`Flatten` does not accept a `{Self}`",
    label = "a vector has nothing to flatten: remove this `Flatten`",
    note = "in a generic function one bound is enough: `where Backbone<H, W>: Network` for a network that `cnn!` declares, `where Net: Layer<Image<U3, H, W>, Fits = B1>` for a chain"
)]
pub trait Flattens: Count {}
impl<C: Dim, L: Dim> Flattens for Seq<C, L> where Self: Count {}
impl<C: Dim, H: Dim, W: Dim> Flattens for Image<C, H, W> where Self: Count {}
impl<C: Dim, D: Dim, H: Dim, W: Dim> Flattens for Volume<C, D, H, W> where Self: Count {}

impl<N: Dim> Count for Vector<N> {
    type Len = N;
}

impl<C: Dim, L: Dim> Count for Seq<C, L>
where
    C: Mul<L, Output: Dim>,
{
    type Len = Prod<C, L>;
}

impl<C: Dim, H: Dim, W: Dim> Count for Image<C, H, W>
where
    C: Mul<H>,
    Prod<C, H>: Mul<W, Output: Dim>,
{
    type Len = Prod<Prod<C, H>, W>;
}

impl<C: Dim, D: Dim, H: Dim, W: Dim> Count for Volume<C, D, H, W>
where
    C: Mul<D>,
    Prod<C, D>: Mul<H>,
    Prod<Prod<C, D>, H>: Mul<W, Output: Dim>,
{
    type Len = Prod<Prod<Prod<C, D>, H>, W>;
}

/// A shape whose channels can stand before those of `Other`: `[C₁, H, W]` and `[C₂, H, W]` → `[C₁ + C₂, H, W]`.
///
/// Total, as all arithmetic here: what lies beyond the channels is taken from `Self`, and whether it is the same in both is
/// `Fits`.
#[diagnostic::on_unimplemented(
    message = "the channels of a `{Self}` and a `{Other}` do not stand in a row",
    label = "paths of `Concat` end in shapes of one kind: images, sequences, volumes or vectors"
)]
pub trait Concatenates<Other>: Shape {
    /// The joined shape.
    type Out: Shape;
    /// Whether all sizes but the channels are the same, [`B1`] or [`B0`].
    type Fits: Bit;
}

impl<A: Dim + Add<B, Output: Dim>, B: Dim> Concatenates<Vector<B>> for Vector<A> {
    type Out = Vector<Sum<A, B>>;
    type Fits = B1;
}

impl<A, B, L, M> Concatenates<Seq<B, M>> for Seq<A, L>
where
    A: Dim + Add<B, Output: Dim>,
    L: Dim + IsEqual<M, Output: Bit>,
{
    type Out = Seq<Sum<A, B>, L>;
    type Fits = Eq<L, M>;
}

impl<A, B, H, W, I, X> Concatenates<Image<B, I, X>> for Image<A, H, W>
where
    A: Dim + Add<B, Output: Dim>,
    H: Dim + IsEqual<I, Output: BitAnd<Eq<W, X>, Output: Bit>>,
    W: Dim + IsEqual<X>,
{
    type Out = Image<Sum<A, B>, H, W>;
    type Fits = And<Eq<H, I>, Eq<W, X>>;
}

impl<A, B, D, H, W, E, I, X> Concatenates<Volume<B, E, I, X>> for Volume<A, D, H, W>
where
    A: Dim + Add<B, Output: Dim>,
    D: Dim + IsEqual<E, Output: BitAnd<And<Eq<H, I>, Eq<W, X>>, Output: Bit>>,
    H: Dim + IsEqual<I, Output: BitAnd<Eq<W, X>>>,
    W: Dim + IsEqual<X>,
{
    type Out = Volume<Sum<A, B>, D, H, W>;
    type Fits = And<Eq<D, E>, And<Eq<H, I>, Eq<W, X>>>;
}

/// Whether a shape is `Other`; for every two shapes, [`B1`] or [`B0`].
pub trait SameAs<Other>: Shape {
    /// Whether all sizes are the same.
    type Same: Bit;
}

macro_rules! same_kind {
    ($([$($a:ident $b:ident),+] $shape:ident;)+) => {$(
        impl<$($a,)+ $($b),+> SameAs<$shape<$($b),+>> for $shape<$($a),+>
        where
            Self: Adds<$shape<$($b),+>>,
        {
            type Same = <Self as Adds<$shape<$($b),+>>>::Fits;
        }
    )+};
}
same_kind! {
    [A B] Vector;
    [A B, L M] Seq;
    [A B, H I, W X] Image;
    [A B, D E, H I, W X] Volume;
}

macro_rules! other_kind {
    ($([$($a:ident),+] $shape:ident, [$($b:ident),+] $other:ident;)+) => {$(
        impl<$($a: Dim,)+ $($b: Dim),+> SameAs<$other<$($b),+>> for $shape<$($a),+> {
            type Same = B0;
        }
        impl<$($a: Dim,)+ $($b: Dim),+> SameAs<$shape<$($a),+>> for $other<$($b),+> {
            type Same = B0;
        }
    )+};
}
other_kind! {
    [N] Vector, [C, L] Seq;
    [N] Vector, [C, H, W] Image;
    [N] Vector, [C, D, H, W] Volume;
    [A, L] Seq, [C, H, W] Image;
    [A, L] Seq, [C, D, H, W] Volume;
    [A, I, X] Image, [C, D, H, W] Volume;
}

/// A shape whose values can be added to those of `Other`: the same one.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` and a `{Other}` cannot be added up",
    label = "paths of `Add` end in the same shape"
)]
pub trait Adds<Other>: Shape {
    /// Whether all sizes are the same, [`B1`] or [`B0`].
    type Fits: Bit;
}

impl<A, B> Adds<Vector<B>> for Vector<A>
where
    A: Dim + IsEqual<B, Output: Bit>,
{
    type Fits = Eq<A, B>;
}

impl<A, B, L, M> Adds<Seq<B, M>> for Seq<A, L>
where
    A: Dim + IsEqual<B, Output: BitAnd<Eq<L, M>, Output: Bit>>,
    L: Dim + IsEqual<M>,
{
    type Fits = And<Eq<A, B>, Eq<L, M>>;
}

impl<A, B, H, W, I, X> Adds<Image<B, I, X>> for Image<A, H, W>
where
    A: Dim + IsEqual<B, Output: BitAnd<And<Eq<H, I>, Eq<W, X>>, Output: Bit>>,
    H: Dim + IsEqual<I, Output: BitAnd<Eq<W, X>>>,
    W: Dim + IsEqual<X>,
{
    type Fits = And<Eq<A, B>, And<Eq<H, I>, Eq<W, X>>>;
}

impl<A, B, D, H, W, E, I, X> Adds<Volume<B, E, I, X>> for Volume<A, D, H, W>
where
    A: Dim + IsEqual<B, Output: BitAnd<And<Eq<D, E>, And<Eq<H, I>, Eq<W, X>>>, Output: Bit>>,
    D: Dim + IsEqual<E, Output: BitAnd<And<Eq<H, I>, Eq<W, X>>>>,
    H: Dim + IsEqual<I, Output: BitAnd<Eq<W, X>>>,
    W: Dim + IsEqual<X>,
{
    type Fits = And<Eq<A, B>, And<Eq<D, E>, And<Eq<H, I>, Eq<W, X>>>>;
}

/// A window along one axis: kernel `K`, stride `S`, padding `P` before and `Q` after, dilation `D`.
///
/// Defaults: stride 1, no padding, the same padding on both sides, no dilation. `Window<U5, U1, U2>` is a kernel of
/// 5 that keeps the size.
pub struct Window<K, S = U1, P = U0, Q = P, D = U1>(PhantomData<(K, S, P, Q, D)>);

/// A window as numbers.
pub trait WindowNumbers {
    /// The window as the const arithmetic knows it.
    const WINDOW: window::Window;
}

impl<K: Unsigned, S: Unsigned, P: Unsigned, Q: Unsigned, D: Unsigned> WindowNumbers for Window<K, S, P, Q, D> {
    const WINDOW: window::Window = window::Window {
        kernel: K::USIZE,
        stride: S::USIZE,
        padding: Padding::Cells(P::USIZE, Q::USIZE),
        dilation: D::USIZE,
    };
}

/// ⌊…⌋: the cells of a last, incomplete step are dropped.
pub struct Floor;
/// ⌈…⌉: the window hangs over the edge.
pub struct Ceil;

/// [`Floor`] or [`Ceil`].
pub trait Round {
    /// The same as a value.
    const ROUNDING: Rounding;
}
impl Round for Floor {
    const ROUNDING: Rounding = Rounding::Floor;
}
impl Round for Ceil {
    const ROUNDING: Rounding = Rounding::Ceil;
}

/// A window that slides over an axis of `N` cells: ⌊(n + p₀ + p₁ − d(k − 1) − 1) / s⌋ + 1 positions.
#[diagnostic::on_unimplemented(
    message = "a window cannot slide over `{N}` cells: the number is not known here",
    label = "this chain has a window over an axis of size `{N}`",
    note = "in a generic function one bound is enough: `where Backbone<H, W>: Network` for a network that `cnn!` declares, `where Net: Layer<Image<U3, H, W>, Fits = B1>` for a chain"
)]
pub trait Slide<N, R>: WindowNumbers {
    /// The number of positions; 1 where the window does not fit.
    type Out: Dim;
    /// Whether the window fits, [`B1`] or [`B0`].
    type Fits: Bit;
}

/// What floor and ceil mode share: the stride made at least 1, and the cells left to move over.
pub trait Slack<N>: WindowNumbers {
    /// max(s, 1).
    type Stride: Unsigned;
    /// max(n + p₀ + p₁, d(k − 1) + 1) − d(k − 1) − 1.
    type Slack: Unsigned;
    /// n + p₀.
    type Start: Unsigned;
    /// n + p₀ + p₁ ≥ d(k − 1) + 1.
    type Fits: Bit;
}

type Extent<K, D> = Sum<Prod<Diff<Maximum<K, U1>, U1>, D>, U1>;
type Padded<N, P, Q> = Sum<Sum<N, P>, Q>;

#[diagnostic::do_not_recommend]
impl<N, K, S, P, Q, D> Slack<N> for Window<K, S, P, Q, D>
where
    Self: WindowNumbers,
    K: Max<U1>,
    Maximum<K, U1>: Sub<U1>,
    Diff<Maximum<K, U1>, U1>: Mul<D>,
    Prod<Diff<Maximum<K, U1>, U1>, D>: Add<U1>,
    N: Add<P, Output: Unsigned>,
    Sum<N, P>: Add<Q>,
    Padded<N, P, Q>: Max<Extent<K, D>> + IsGreaterOrEqual<Extent<K, D>, Output: Bit>,
    Maximum<Padded<N, P, Q>, Extent<K, D>>: Sub<Extent<K, D>, Output: Unsigned>,
    S: Max<U1, Output: Unsigned>,
{
    type Stride = Maximum<S, U1>;
    type Slack = Diff<Maximum<Padded<N, P, Q>, Extent<K, D>>, Extent<K, D>>;
    type Start = Sum<N, P>;
    type Fits = GrEq<Padded<N, P, Q>, Extent<K, D>>;
}

#[diagnostic::do_not_recommend]
impl<N, W: Slack<N>> Slide<N, Floor> for W
where
    W::Slack: Div<W::Stride>,
    Quot<W::Slack, W::Stride>: Add<U1, Output: Dim>,
{
    type Out = Sum<Quot<W::Slack, W::Stride>, U1>;
    type Fits = W::Fits;
}

type RoundedUp<W, N> = Quot<Diff<Sum<<W as Slack<N>>::Slack, <W as Slack<N>>::Stride>, U1>, <W as Slack<N>>::Stride>;

/// ⌈slack / s⌉ positions after the first, less one if the last would start at or after n + p₀.
#[diagnostic::do_not_recommend]
impl<N, W: Slack<N>> Slide<N, Ceil> for W
where
    W::Slack: Add<W::Stride>,
    Sum<W::Slack, W::Stride>: Sub<U1>,
    Diff<Sum<W::Slack, W::Stride>, U1>: Div<W::Stride>,
    RoundedUp<W, N>: Mul<W::Stride>,
    Prod<RoundedUp<W, N>, W::Stride>: IsLess<W::Start>,
    RoundedUp<W, N>: Add<Le<Prod<RoundedUp<W, N>, W::Stride>, W::Start>, Output: Dim>,
{
    type Out = Sum<RoundedUp<W, N>, Le<Prod<RoundedUp<W, N>, W::Stride>, W::Start>>;
    type Fits = W::Fits;
}

/// A shape that windows slide over, one window for each spatial axis: `(W,)`, `(H, W)` or `(D, H, W)`.
#[diagnostic::on_unimplemented(
    message = "windows along {Windows} do not slide over a `{Self}`",
    label = "a sequence takes one window, an image two, a volume three"
)]
pub trait Slides<Windows, R>: Shape {
    /// The shape of the result with this many channels.
    type Out<Channels: Dim>: Shape;
    /// Whether every window fits, [`B1`] or [`B0`].
    type Fits: Bit;
}

impl<C: Dim, L: Dim, WL, R> Slides<(WL,), R> for Seq<C, L>
where
    WL: Slide<L, R>,
{
    type Out<O: Dim> = Seq<O, WL::Out>;
    type Fits = WL::Fits;
}

impl<C: Dim, H: Dim, W: Dim, WH, WW, R> Slides<(WH, WW), R> for Image<C, H, W>
where
    WH: Slide<H, R>,
    WW: Slide<W, R>,
    WH::Fits: BitAnd<WW::Fits, Output: Bit>,
{
    type Out<O: Dim> = Image<O, WH::Out, WW::Out>;
    type Fits = And<WH::Fits, WW::Fits>;
}

impl<C: Dim, D: Dim, H: Dim, W: Dim, WD, WH, WW, R> Slides<(WD, WH, WW), R> for Volume<C, D, H, W>
where
    WD: Slide<D, R>,
    WH: Slide<H, R>,
    WW: Slide<W, R>,
    WD::Fits: BitAnd<WH::Fits>,
    And<WD::Fits, WH::Fits>: BitAnd<WW::Fits, Output: Bit>,
{
    type Out<O: Dim> = Volume<O, WD::Out, WH::Out, WW::Out>;
    type Fits = And<And<WD::Fits, WH::Fits>, WW::Fits>;
}

/// A transposed convolution's window along an axis of `N` cells, with `O` cells of output padding:
/// s(n − 1) + d(k − 1) + 1 − p₀ − p₁ + o cells of output.
pub trait Unslide<N, O>: WindowNumbers {
    /// The size of the output; 0 where nothing is left of it.
    type Out: Dim;
    /// Whether something is left, [`B1`] or [`B0`].
    type Fits: Bit;
}

type FullSize<N, K, S, D, O> = Sum<Sum<Prod<Diff<Maximum<N, U1>, U1>, S>, Extent<K, D>>, O>;

impl<N, O, K, S, P, Q, D> Unslide<N, O> for Window<K, S, P, Q, D>
where
    Self: WindowNumbers,
    N: Max<U1>,
    Maximum<N, U1>: Sub<U1>,
    Diff<Maximum<N, U1>, U1>: Mul<S>,
    K: Max<U1>,
    Maximum<K, U1>: Sub<U1>,
    Diff<Maximum<K, U1>, U1>: Mul<D>,
    Prod<Diff<Maximum<K, U1>, U1>, D>: Add<U1>,
    Prod<Diff<Maximum<N, U1>, U1>, S>: Add<Extent<K, D>>,
    Sum<Prod<Diff<Maximum<N, U1>, U1>, S>, Extent<K, D>>: Add<O>,
    P: Add<Q>,
    FullSize<N, K, S, D, O>: Max<Sum<P, Q>> + IsGreater<Sum<P, Q>, Output: Bit>,
    Maximum<FullSize<N, K, S, D, O>, Sum<P, Q>>: Sub<Sum<P, Q>, Output: Dim>,
{
    type Out = Diff<Maximum<FullSize<N, K, S, D, O>, Sum<P, Q>>, Sum<P, Q>>;
    type Fits = Gr<FullSize<N, K, S, D, O>, Sum<P, Q>>;
}

/// A shape that transposed windows slide over: windows and output paddings, one for each spatial axis.
#[diagnostic::on_unimplemented(
    message = "transposed windows along {Windows} do not slide over a `{Self}`",
    label = "a sequence takes one window, an image two, a volume three"
)]
pub trait Unslides<Windows, OutputPadding>: Shape {
    /// The shape of the result with this many channels.
    type Out<Channels: Dim>: Shape;
    /// Whether something is left along every axis, [`B1`] or [`B0`].
    type Fits: Bit;
}

impl<C: Dim, L: Dim, WL, OL> Unslides<(WL,), (OL,)> for Seq<C, L>
where
    WL: Unslide<L, OL>,
{
    type Out<O: Dim> = Seq<O, WL::Out>;
    type Fits = WL::Fits;
}

impl<C: Dim, H: Dim, W: Dim, WH, WW, OH, OW> Unslides<(WH, WW), (OH, OW)> for Image<C, H, W>
where
    WH: Unslide<H, OH>,
    WW: Unslide<W, OW>,
    WH::Fits: BitAnd<WW::Fits, Output: Bit>,
{
    type Out<O: Dim> = Image<O, WH::Out, WW::Out>;
    type Fits = And<WH::Fits, WW::Fits>;
}

impl<C: Dim, D: Dim, H: Dim, W: Dim, WD, WH, WW, OD, OH, OW> Unslides<(WD, WH, WW), (OD, OH, OW)> for Volume<C, D, H, W>
where
    WD: Unslide<D, OD>,
    WH: Unslide<H, OH>,
    WW: Unslide<W, OW>,
    WD::Fits: BitAnd<WH::Fits>,
    And<WD::Fits, WH::Fits>: BitAnd<WW::Fits, Output: Bit>,
{
    type Out<O: Dim> = Volume<O, WD::Out, WH::Out, WW::Out>;
    type Fits = And<And<WD::Fits, WH::Fits>, WW::Fits>;
}

/// Sizes along spatial axes as numbers, zeros in front.
pub trait SizeList {
    /// Depth, height, width.
    const SIZES: [usize; 3];
}
impl<A: Unsigned> SizeList for (A,) {
    const SIZES: [usize; 3] = [0, 0, A::USIZE];
}
impl<A: Unsigned, B: Unsigned> SizeList for (A, B) {
    const SIZES: [usize; 3] = [0, A::USIZE, B::USIZE];
}
impl<A: Unsigned, B: Unsigned, C: Unsigned> SizeList for (A, B, C) {
    const SIZES: [usize; 3] = [A::USIZE, B::USIZE, C::USIZE];
}

/// The size of axis `I` of a shape.
pub trait AxisSize<I>: Shape {
    /// That size.
    type Size: Dim;
}

macro_rules! axis_sizes {
    ($($shape:ident<$($size:ident),+>: $index:ty => $own:ident;)+) => {$(
        impl<$($size: Dim),+> AxisSize<$index> for $shape<$($size),+> {
            type Size = $own;
        }
    )+};
}
axis_sizes! {
    Seq<C, L>: U0 => C;
    Seq<C, L>: U1 => L;
    Image<C, H, W>: U0 => C;
    Image<C, H, W>: U1 => H;
    Image<C, H, W>: U2 => W;
    Volume<C, D, H, W>: U0 => C;
    Volume<C, D, H, W>: U1 => D;
    Volume<C, D, H, W>: U2 => H;
    Volume<C, D, H, W>: U3 => W;
}

/// A shape whose axes can be put in the order `Axes`, a tuple of numerals.
#[diagnostic::on_unimplemented(
    message = "the axes of a `{Self}` cannot be put in the order {Axes}",
    label = "each axis of the shape must be named once, from U0 up"
)]
pub trait Permutes<Axes>: Shape {
    /// The shape in the new order.
    type Out: Shape;
    /// The order as numbers.
    const ORDER: Permutation;
}

impl<I: Unsigned, J: Unsigned, S> Permutes<(I, J)> for S
where
    S: AxisSize<I> + AxisSize<J>,
    Self: Rank<U2>,
{
    type Out = Seq<<S as AxisSize<I>>::Size, <S as AxisSize<J>>::Size>;
    const ORDER: Permutation = Permutation { rank: 2, axes: [I::USIZE, J::USIZE, 0, 0] };
}

impl<I: Unsigned, J: Unsigned, K: Unsigned, S> Permutes<(I, J, K)> for S
where
    S: AxisSize<I> + AxisSize<J> + AxisSize<K>,
    Self: Rank<U3>,
{
    type Out = Image<<S as AxisSize<I>>::Size, <S as AxisSize<J>>::Size, <S as AxisSize<K>>::Size>;
    const ORDER: Permutation = Permutation { rank: 3, axes: [I::USIZE, J::USIZE, K::USIZE, 0] };
}

impl<I: Unsigned, J: Unsigned, K: Unsigned, L: Unsigned, S> Permutes<(I, J, K, L)> for S
where
    S: AxisSize<I> + AxisSize<J> + AxisSize<K> + AxisSize<L>,
    Self: Rank<U4>,
{
    type Out =
        Volume<<S as AxisSize<I>>::Size, <S as AxisSize<J>>::Size, <S as AxisSize<K>>::Size, <S as AxisSize<L>>::Size>;
    const ORDER: Permutation = Permutation { rank: 4, axes: [I::USIZE, J::USIZE, K::USIZE, L::USIZE] };
}

/// A shape of so many axes.
pub trait Rank<N>: Shape {}
impl<N: Dim> Rank<U1> for Vector<N> {}
impl<C: Dim, L: Dim> Rank<U2> for Seq<C, L> {}
impl<C: Dim, H: Dim, W: Dim> Rank<U3> for Image<C, H, W> {}
impl<C: Dim, D: Dim, H: Dim, W: Dim> Rank<U4> for Volume<C, D, H, W> {}

/// The windows of a convolution or a pool as numbers: depth, height, width, unit windows in front.
pub trait WindowList {
    /// Spatial axes.
    const RANK: usize;
    /// The windows.
    const WINDOWS: [window::Window; 3];
}

const UNIT: window::Window = window::Window::UNIT;

impl<A: WindowNumbers> WindowList for (A,) {
    const RANK: usize = 1;
    const WINDOWS: [window::Window; 3] = [UNIT, UNIT, A::WINDOW];
}
impl<A: WindowNumbers, B: WindowNumbers> WindowList for (A, B) {
    const RANK: usize = 2;
    const WINDOWS: [window::Window; 3] = [UNIT, A::WINDOW, B::WINDOW];
}
impl<A: WindowNumbers, B: WindowNumbers, C: WindowNumbers> WindowList for (A, B, C) {
    const RANK: usize = 3;
    const WINDOWS: [window::Window; 3] = [A::WINDOW, B::WINDOW, C::WINDOW];
}

/// Whether all windows of a chain fit their inputs: implemented for [`B1`] alone.
#[diagnostic::on_unimplemented(
    message = "a layer of this chain does not fit: its window is larger than its padded input, its paths differ in size, or a network in it takes another input",
    label = "a window in this chain is larger than its input, or paths do not come together",
    note = "declare the network with `cnn!` to be told which layer it is, and what would fit"
)]
pub trait AllWindowsFit {}
impl AllWindowsFit for B1 {}

/// A numeral written bit by bit, highest first: how the macro turns a constant expression into a type.
///
/// `Push<Push<UTerm, true>, false>` is 2; leading zeros are dropped, so that equal numbers are equal types.
pub trait PushBit<const BIT: bool> {
    /// Twice the number, plus the bit.
    type Output;
}
/// `N` with one more bit at its end.
pub type Push<N, const BIT: bool> = <N as PushBit<BIT>>::Output;

impl PushBit<false> for typenum::UTerm {
    type Output = typenum::UTerm;
}
impl PushBit<true> for typenum::UTerm {
    type Output = typenum::UInt<typenum::UTerm, B1>;
}
impl<U, B> PushBit<false> for typenum::UInt<U, B> {
    type Output = typenum::UInt<typenum::UInt<U, B>, B0>;
}
impl<U, B> PushBit<true> for typenum::UInt<U, B> {
    type Output = typenum::UInt<typenum::UInt<U, B>, B1>;
}

/// Bit `index` of a size.
pub const fn bit(size: usize, index: u32) -> bool {
    size >> index & 1 == 1
}
