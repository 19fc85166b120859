//! Scores to probabilities.

use convnet_shape::op::Op;
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::softmax;
use crate::shape::{Dim, Shape};

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
                let (channels, positions) = const { (In::Channels::USIZE, In::LEN / In::Channels::USIZE) };
                if let Some(step) = run.step() {
                    $forward([channels, positions], step.in_place());
                }
            }

            fn backward(run: &mut Backward<'_>) {
                let (channels, positions) = const { (In::Channels::USIZE, In::LEN / In::Channels::USIZE) };
                run.step().in_place(|_, output, grad| $backward([channels, positions], output, grad));
            }
        }
    };
}

softmax_layer!(Softmax, softmax::channel_forward, softmax::channel_backward);
softmax_layer!(LogSoftmax, softmax::channel_log_forward, softmax::channel_log_backward);
