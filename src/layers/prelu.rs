//! ReLU with a learned slope.

use core::marker::PhantomData;

use convnet_shape::op::Op;
use typenum::{B0, B1, Bit};

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::prelu;
use crate::shape::{Dim, Shape};

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
        let cells = const { In::LEN / In::Channels::USIZE };
        let Some(step) = run.step() else { return };
        let slopes = step.plain_params();
        prelu::forward(cells, slopes, step.in_place());
    }

    fn backward(run: &mut Backward<'_>) {
        let cells = const { In::LEN / In::Channels::USIZE };
        let step = run.step();
        prelu::backward(cells, step.params, step.input, step.grad_output, step.grad_input, step.grad_params);
    }
}
