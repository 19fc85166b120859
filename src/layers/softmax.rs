//! Scores to probabilities.

use convnet_shape::op::Op;
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::softmax;
use crate::shape::Shape;

/// yᵢ = eˣⁱ / Σⱼ eˣʲ over the features of a vector, or over the channels at each position. PyTorch: `nn.Softmax(dim=1)`.
///
/// A network that is trained with cross-entropy gives scores and no softmax: the loss has it inside.
pub struct Softmax;

/// yᵢ = xᵢ − ln Σⱼ eˣʲ over the features of a vector, or over the channels at each position. PyTorch:
/// `nn.LogSoftmax(dim=1)`.
pub struct LogSoftmax;

macro_rules! softmax_layer {
    ($name:ident, $forward:path, $backward:path) => {
        impl<In: Shape> Layer<In> for $name {
            type Out = In;
            type Fits = B1;
            const TREE: Tree = Tree::Leaf(Op::$name);

            fn forward(run: &mut Forward<'_>) {
                let sizes = [In::CHANNELS, In::CELLS];
                while let Some(step) = run.step() {
                    $forward(sizes, step.in_place());
                }
            }

            fn backward(run: &mut Backward<'_>) {
                let sizes = [In::CHANNELS, In::CELLS];
                run.step().in_place(|_, output, grad| $backward(sizes, output, grad));
            }
        }
    };
}

softmax_layer!(Softmax, softmax::channel_forward, softmax::channel_backward);
softmax_layer!(LogSoftmax, softmax::channel_log_forward, softmax::channel_log_backward);
