//! A value as a vector.

use convnet_shape::op::Op;
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::shape::{Flattens, Vector};

/// Any value with channels as a vector: `[C, H, W]` → `[C · H · W]`, in the order it lies in memory.
///
/// Costs nothing: the vector is the same floats. PyTorch: `nn.Flatten`.
pub struct Flatten;

impl<In: Flattens> Layer<In> for Flatten {
    type Out = Vector<In::Len>;
    type Fits = B1;
    const TREE: Tree = Tree::Leaf(Op::Flatten);

    fn forward(run: &mut Forward<'_>) {
        while let Some(step) = run.step() {
            step.in_place();
        }
    }

    fn backward(run: &mut Backward<'_>) {
        run.step().in_place(|_, _, _| {});
    }
}
