//! Local response normalisation.

use core::marker::PhantomData;

use convnet_shape::op::{LrnOp, Op};
use typenum::{B1, Unsigned};

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::{blocked, lrn};
use crate::shape::Shape;

/// y = x / (k + α/n Σ x²)^β over the `Size` neighbouring channels at each position.
///
/// `ALPHA`, `BETA` and `K` are the bits of `f32`s. An even size takes n/2 channels before and n/2 − 1 behind, as
/// PyTorch does. PyTorch: `nn.LocalResponseNorm`. Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep
/// Convolutional Neural Networks, section 3.3, with α divided by n.
pub struct Lrn<Size, const ALPHA: u32, const BETA: u32, const K: u32>(PhantomData<Size>);

impl<Size: Unsigned, const ALPHA: u32, const BETA: u32, const K: u32> Lrn<Size, ALPHA, BETA, K> {
    const OP: LrnOp =
        LrnOp { size: Size::USIZE, alpha: f32::from_bits(ALPHA), beta: f32::from_bits(BETA), k: f32::from_bits(K) };
}

impl<In, Size, const ALPHA: u32, const BETA: u32, const K: u32> Layer<In> for Lrn<Size, ALPHA, BETA, K>
where
    In: Shape,
    Size: Unsigned,
{
    type Out = In;
    type Fits = B1;
    const TREE: Tree = Tree::Leaf(Op::Lrn(Self::OP));

    fn forward(run: &mut Forward<'_>) {
        let (channels, cells) = (In::CHANNELS, In::CELLS);
        while let Some(step) = run.step() {
            if step.form.input.is_blocked() {
                let (input, isa) = (step.input(), step.product.isa());
                blocked::lrn::forward(&Self::OP, [channels, cells], input, step.output, isa);
            } else {
                lrn::forward(&Self::OP, [channels, cells], step.input(), step.output);
            }
        }
    }

    fn backward(run: &mut Backward<'_>) {
        let (channels, cells) = (In::CHANNELS, In::CELLS);
        let step = run.step();
        let Some(grad_input) = step.grad_input else { return };
        lrn::backward(&Self::OP, [channels, cells], step.input, step.grad_output, grad_input);
    }
}
