//! ReLU with a learned slope.

use core::marker::PhantomData;

use convnet_shape::op::Op;
use typenum::{B0, B1, Bit};

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::{blocked, prelu};
use crate::shape::Shape;

/// y = max(0, x) + a · min(0, x), with one learned slope a, or one for each channel if `PerChannel` is `B1`.
///
/// PyTorch: `nn.PReLU`. He et al.: Delving Deep into Rectifiers, section 2.1.
///
/// # Shapes
///
/// Any input, weight `[1]` or `[C]`, the same output.
pub struct Prelu<PerChannel = B0>(PhantomData<PerChannel>);

impl<In: Shape, PerChannel: Bit> Layer<In> for Prelu<PerChannel> {
    type Out = In;
    type Fits = B1;
    const TREE: Tree = Tree::Leaf(Op::Prelu { per_channel: PerChannel::BOOL });

    fn forward(run: &mut Forward<'_>) {
        // One slope for all is one channel of all values.
        let cells = if PerChannel::BOOL { In::CELLS } else { In::LEN };
        while let Some(step) = run.step() {
            let slopes = step.plain_params();
            if PerChannel::BOOL && step.form.input.is_blocked() {
                blocked::channels::prelu(In::CHANNELS, cells, slopes, step.in_place());
            } else {
                prelu::forward(cells, slopes, step.in_place());
            }
        }
    }

    fn backward(run: &mut Backward<'_>) {
        // One slope for all is one channel of all values.
        let cells = if PerChannel::BOOL { In::CELLS } else { In::LEN };
        let step = run.step();
        let (input, slopes, grad_output) = (step.input, step.params, step.grad_output);
        prelu::backward(cells, input, slopes, grad_output, step.grad_input, step.grad_params);
    }
}
