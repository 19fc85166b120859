//! The axes in another order, and the same values with other sizes.

use core::marker::PhantomData;

use convnet_shape::op::Op;
use typenum::{B1, Bit, Eq, IsEqual};

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::permute;
use crate::shape::{Count, Permutes};

/// The axes in the order `Axes`, a tuple of numerals: output axis i is input axis Axesᵢ. PyTorch: `Tensor.permute`.
pub struct Permute<Axes>(PhantomData<Axes>);

impl<In: Permutes<Axes>, Axes> Layer<In> for Permute<Axes> {
    type Out = In::Out;
    type Fits = B1;
    const TREE: Tree = Tree::Leaf(Op::Permute(In::ORDER));

    fn forward(run: &mut Forward<'_>) {
        while let Some(step) = run.step() {
            permute::forward(&In::ORDER, &In::DIMS, step.batch, step.input(), step.output);
        }
    }

    fn backward(run: &mut Backward<'_>) {
        let step = run.step();
        let Some(grad_input) = step.grad_input else { return };
        permute::backward(&In::ORDER, &In::DIMS, step.batch, step.grad_output, grad_input);
    }
}

/// The same values in the same order as a value of shape `To`, which has as many. Costs nothing. PyTorch:
/// `nn.Unflatten`, `Tensor.reshape`.
pub struct Reshape<To>(PhantomData<To>);

impl<In: Count, To: Count> Layer<In> for Reshape<To>
where
    In::Len: IsEqual<To::Len, Output: Bit>,
{
    type Out = To;
    type Fits = Eq<In::Len, To::Len>;
    const TREE: Tree = Tree::Leaf(Op::Reshape(To::DIMS));

    fn forward(run: &mut Forward<'_>) {
        while let Some(step) = run.step() {
            step.in_place();
        }
    }

    fn backward(run: &mut Backward<'_>) {
        run.step().in_place(|_, _, _| {});
    }
}
