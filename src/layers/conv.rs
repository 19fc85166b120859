//! Convolution.

use core::marker::PhantomData;

use convnet_shape::geometry;
use convnet_shape::op::{ConvOp, Op};
use typenum::{B1, Bit, U1, Unsigned};

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::conv;
use crate::shape::{Dim, Floor, Shape, Slides, WindowList};

/// A convolution: `[C, …]` → `[Out, …]`, one window for each spatial axis.
///
/// O\[o, y, x\] = b\[o\] + Σ I\[c, s·y + d·i − p, s·x + d·j − p\] · K\[o, c, i, j\]: the kernel is not flipped
/// (cross-correlation, the convention of all frameworks). PyTorch: `nn.Conv2d`.
///
/// # Shapes
///
/// Input `[C, H, W]`, weight `[Out, C / Groups, K_h, K_w]`, bias `[Out]`, output `[Out, H', W']` with
/// H' = ⌊(H + p₀ + p₁ − d(k − 1) − 1) / s⌋ + 1.
///
/// # Parameters
///
/// - `Out`: channels of the output.
/// - `Windows`: `(W,)`, `(H, W)` or `(D, H, W)`, each a [`Window`](crate::shape::Window).
/// - `Groups`: independent groups of channels; default 1.
/// - `Bias`: `B1` with a bias, `B0` without; default with.
pub struct Conv<Out, Windows, Groups = U1, Bias = B1>(PhantomData<(Out, Windows, Groups, Bias)>);

/// A convolution over a sequence, `[C, L]`.
pub type Conv1d<Out, L, Groups = U1, Bias = B1> = Conv<Out, (L,), Groups, Bias>;
/// A convolution over an image, `[C, H, W]`; one window for both axes unless a second is given.
pub type Conv2d<Out, H, W = H, Groups = U1, Bias = B1> = Conv<Out, (H, W), Groups, Bias>;
/// A convolution over a volume, `[C, D, H, W]`; one window for all axes unless others are given.
pub type Conv3d<Out, D, H = D, W = H, Groups = U1, Bias = B1> = Conv<Out, (D, H, W), Groups, Bias>;

impl<Out: Dim, Windows: WindowList, Groups: Unsigned, Bias: Bit> Conv<Out, Windows, Groups, Bias> {
    const OP: ConvOp = ConvOp {
        rank: Windows::RANK,
        out_channels: Out::USIZE,
        windows: Windows::WINDOWS,
        groups: Groups::USIZE,
        bias: Bias::BOOL,
        in_channels: None,
    };

    const fn geometry<In: Shape>() -> geometry::Conv {
        Self::OP.geometry(&In::DIMS)
    }
}

impl<In, Out, Windows, Groups, Bias> Layer<In> for Conv<Out, Windows, Groups, Bias>
where
    In: Slides<Windows, Floor>,
    Out: Dim,
    Windows: WindowList,
    Groups: Unsigned,
    Bias: Bit,
{
    type Out = In::Out<Out>;
    type Fits = In::Fits;
    const TREE: Tree = Tree::Leaf(Op::Conv(Self::OP));

    fn forward(run: &mut Forward<'_>) {
        let geometry = const { Self::geometry::<In>() };
        let Some(step) = run.step() else { return };
        let input = step.input();
        let (weight, bias) = step.weight_and_bias(geometry.weight_len());
        let (batch, product) = (step.batch, step.product);
        conv::forward(&geometry, batch, input, weight, bias, step.epilogue, step.output, step.scratch, product);
    }

    fn backward(run: &mut Backward<'_>) {
        let geometry = const { Self::geometry::<In>() };
        let step = run.step();
        let (weight, _) = step.params.split_at(geometry.weight_len());
        let (grad_weight, grad_bias) = step.grad_params.split_at_mut(geometry.weight_len());
        let (batch, input, grad_output) = (step.batch, step.input, step.grad_output);
        conv::backward(
            &geometry,
            batch,
            input,
            weight,
            grad_output,
            step.grad_input,
            grad_weight,
            grad_bias,
            step.scratch,
        );
    }
}
