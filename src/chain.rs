//! Joining layers: [`Then`] runs one after the other, [`chain!`](crate::chain!) nests many.
//!
//! Chains nest as a balanced tree, so that a chain of `n` layers is a type of depth log₂ n: rustc normalises VGG-16
//! in well under a second and no program needs a larger recursion limit.

use core::marker::PhantomData;
use core::ops::BitAnd;

use typenum::{And, Bit};

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::shape::Shape;

/// `A`, then `B` on its output.
pub struct Then<A, B>(PhantomData<(A, B)>);

impl<In: Shape, A, B> Layer<In> for Then<A, B>
where
    A: Layer<In>,
    B: Layer<A::Out>,
    A::Fits: BitAnd<B::Fits, Output: Bit>,
{
    type Out = B::Out;
    type Fits = And<A::Fits, B::Fits>;
    const TREE: Tree = Tree::Then(&A::TREE, &B::TREE);

    fn forward(run: &mut Forward<'_>) {
        A::forward(run);
        B::forward(run);
    }

    fn backward(run: &mut Backward<'_>) {
        B::backward(run);
        A::backward(run);
    }
}

/// The type of a chain of layers: `chain![Conv2d<U6, Window<U5>>, Relu, Flatten, Linear<U10>]`.
///
/// The first ⌈n / 2⌉ layers, [`Then`] the rest, and so on within: the type that [`cnn!`](crate::cnn!) gives its
/// networks.
#[macro_export]
macro_rules! chain {
    ($layer:ty $(,)?) => { $layer };
    ($($layer:ty),+ $(,)?) => { $crate::__halve!([] [$([$layer])+] [$([$layer])+]) };
}

/// Moves one layer to the first half for every two of a second copy of the list.
#[doc(hidden)]
#[macro_export]
macro_rules! __halve {
    ([$($first:tt)*] [$next:tt $($rest:tt)*] [$a:tt $b:tt $($copy:tt)*]) => {
        $crate::__halve!([$($first)* $next] [$($rest)*] [$($copy)*])
    };
    ([$($first:tt)*] [$next:tt $($rest:tt)*] [$odd:tt]) => {
        $crate::__halve!([$($first)* $next] [$($rest)*] [])
    };
    ([$([$first:ty])+] [$([$rest:ty])+] []) => {
        $crate::chain::Then<$crate::chain![$($first),+], $crate::chain![$($rest),+]>
    };
}
