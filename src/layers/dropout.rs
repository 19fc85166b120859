//! Dropout.

use convnet_shape::op::Op;
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::dropout;
use crate::shape::Shape;

/// In training each value is lost with a probability and the rest are scaled by 1 / (1 − probability); in inference
/// nothing happens, and nothing is copied. PyTorch: `nn.Dropout`.
///
/// `PROBABILITY` is the bits of an `f32`, because floats are no const parameters yet: `Dropout<{ 0.5f32.to_bits() }>`.
/// The mask is a function of seed, step and place, so that backward computes it again instead of keeping it.
/// Srivastava et al.: Dropout, JMLR 15 (2014), section 4; scaled in training ("inverted").
pub struct Dropout<const PROBABILITY: u32>;

impl<const PROBABILITY: u32, In: Shape> Layer<In> for Dropout<PROBABILITY> {
    type Out = In;
    type Fits = B1;
    const TREE: Tree = Tree::Leaf(Op::Dropout(f32::from_bits(PROBABILITY)));

    fn forward(run: &mut Forward<'_>) {
        while let Some(step) = run.step() {
            let seed = step.dropout;
            let values = step.in_place();
            if let Some(seed) = seed {
                dropout::forward(f32::from_bits(PROBABILITY), seed, values);
            }
        }
    }

    fn backward(run: &mut Backward<'_>) {
        let step = run.step();
        let seed = step.dropout;
        step.in_place(|_, _, grad| dropout::backward(f32::from_bits(PROBABILITY), seed, grad));
    }
}
