//! Transposed convolution.

use core::marker::PhantomData;

use convnet_shape::geometry;
use convnet_shape::op::{ConvTransposeOp, Op};
use typenum::{B1, Bit, U0, U1, Unsigned};

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::needs::with_bias;
use crate::ops::conv_transpose;
use crate::shape::{Dim, Shape, SizeList, Unslides, WindowList};

/// A transposed convolution: `[C, …]` → `[Out, …]`, the product with the transpose of the matrix of a convolution.
///
/// Each input value adds its multiple of the kernel to the output. PyTorch: `nn.ConvTranspose2d`. Dumoulin, Visin: A
/// guide to convolution arithmetic for deep learning, chapter 4.
///
/// # Shapes
///
/// Input `[C, H, W]`, weight `[C, Out / Groups, K_h, K_w]`, bias `[Out]`, output `[Out, H', W']` with
/// H' = s(H − 1) + d(k − 1) + 1 − p₀ − p₁ + output padding.
///
/// # Parameters
///
/// - `Out`: channels of the output.
/// - `Windows`: `(W,)`, `(H, W)` or `(D, H, W)`, each a [`Window`](crate::shape::Window).
/// - `OutputPadding`: cells added at the end of each axis, a tuple of the same length; less than the stride.
/// - `Groups`: independent groups of channels; default 1.
/// - `Bias`: `B1` with a bias, `B0` without; default with.
pub struct ConvTranspose<Out, Windows, OutputPadding, Groups = U1, Bias = B1>(
    PhantomData<(Out, Windows, OutputPadding, Groups, Bias)>,
);

/// A transposed convolution over a sequence, `[C, L]`.
pub type ConvTranspose1d<Out, L, OutputPadding = (U0,), Groups = U1, Bias = B1> =
    ConvTranspose<Out, (L,), OutputPadding, Groups, Bias>;
/// A transposed convolution over an image, `[C, H, W]`.
pub type ConvTranspose2d<Out, H, W = H, OutputPadding = (U0, U0), Groups = U1, Bias = B1> =
    ConvTranspose<Out, (H, W), OutputPadding, Groups, Bias>;
/// A transposed convolution over a volume, `[C, D, H, W]`.
pub type ConvTranspose3d<Out, D, H = D, W = H, OutputPadding = (U0, U0, U0), Groups = U1, Bias = B1> =
    ConvTranspose<Out, (D, H, W), OutputPadding, Groups, Bias>;

impl<Out, Windows, OutputPadding, Groups, Bias> ConvTranspose<Out, Windows, OutputPadding, Groups, Bias>
where
    Out: Dim,
    Windows: WindowList,
    OutputPadding: SizeList,
    Groups: Unsigned,
    Bias: Bit,
{
    const OP: ConvTransposeOp = ConvTransposeOp {
        rank: Windows::RANK,
        out_channels: Out::USIZE,
        windows: Windows::WINDOWS,
        output_padding: OutputPadding::SIZES,
        groups: Groups::USIZE,
        bias: Bias::BOOL,
        in_channels: None,
    };

    const fn geometry<In: Shape>() -> geometry::Conv {
        Self::OP.geometry(&In::DIMS)
    }
}

impl<In, Out, Windows, OutputPadding, Groups, Bias> Layer<In>
    for ConvTranspose<Out, Windows, OutputPadding, Groups, Bias>
where
    In: Unslides<Windows, OutputPadding>,
    Out: Dim,
    Windows: WindowList,
    OutputPadding: SizeList,
    Groups: Unsigned,
    Bias: Bit,
{
    type Out = In::Out<Out>;
    type Fits = In::Fits;
    const TREE: Tree = Tree::Leaf(Op::ConvTranspose(Self::OP));

    fn forward(run: &mut Forward<'_>) {
        let geometry = const { Self::geometry::<In>() };
        while let Some(step) = run.step() {
            let geometry = with_bias(geometry, step.folded);
            let input = step.input();
            let (weight, bias) = step.weight_and_bias(geometry.weight_len());
            let (batch, product) = (step.batch, step.product);
            conv_transpose::forward(
                &geometry,
                batch,
                input,
                weight,
                bias,
                step.epilogue,
                step.output,
                step.scratch,
                product,
            );
        }
    }

    fn backward(run: &mut Backward<'_>) {
        let geometry = const { Self::geometry::<In>() };
        let step = run.step();
        let (weight, _) = step.params.split_at(geometry.weight_len());
        let (grad_weight, grad_bias) = step.grad_params.split_at_mut(geometry.weight_len());
        let (batch, input, grad_output) = (step.batch, step.input, step.grad_output);
        conv_transpose::backward(
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
