//! Scores to probabilities.

use convnet_shape::op::Op;
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::softmax;
use crate::shape::{Dim, Vector};

/// yᵢ = eˣⁱ / Σⱼ eˣʲ over the features of a vector: `[N]` → `[N]`. PyTorch: `nn.Softmax(dim=-1)`.
///
/// A network that is trained with cross-entropy gives scores and no softmax: the loss has it inside.
pub struct Softmax;

impl<N: Dim> Layer<Vector<N>> for Softmax {
    type Out = Vector<N>;
    type Fits = B1;
    const TREE: Tree = Tree::Leaf(Op::Softmax);

    fn forward(run: &mut Forward<'_>) {
        if let Some(step) = run.step() {
            softmax::forward(N::USIZE, step.in_place());
        }
    }

    fn backward(run: &mut Backward<'_>) {
        run.step().in_place(|output, grad| softmax::backward(N::USIZE, output, grad));
    }
}
