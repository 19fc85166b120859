//! Convolution.

use core::marker::PhantomData;
use core::ops::Mul;

use convnet_shape::geometry;
use convnet_shape::op::{Channels, ConvOp, Op};
use convnet_shape::plan::BLOCK;
use typenum::{B1, Bit, Prod, U1, Unsigned};

use crate::kernels::FromStep;
use crate::layer::{Backward, Forward, ForwardStep, Layer, Tree};
use crate::needs::with_bias;
use crate::ops::{blocked, conv};
use crate::shape::{Dim, Floor, Shape, Slides, WindowList};
use crate::simd::Isa;

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
        channels: Channels::Out { out: Out::USIZE, groups: Groups::USIZE },
        windows: Windows::WINDOWS,
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
        forward(const { &Self::geometry::<In>() }, run);
    }

    fn backward(run: &mut Backward<'_>) {
        backward(const { &Self::geometry::<In>() }, run);
    }
}

/// A depthwise convolution: `[C, …]` → `[C · Multiplier, …]`, `Multiplier` kernels for each channel, which see that
/// channel alone.
///
/// PyTorch: `nn.Conv2d` with `groups = in_channels`. Sifre: Rigid-Motion Scattering for Image Classification, 2014;
/// Howard et al.: MobileNets, section 3.1.
///
/// # Shapes
///
/// Input `[C, H, W]`, weight `[C · Multiplier, 1, K_h, K_w]`, bias `[C · Multiplier]`, output
/// `[C · Multiplier, H', W']` with the rule of [`Conv`].
pub struct DepthwiseConv<Multiplier, Windows, Bias = B1>(PhantomData<(Multiplier, Windows, Bias)>);

/// A depthwise convolution over a sequence, `[C, L]`.
pub type DepthwiseConv1d<Multiplier, L, Bias = B1> = DepthwiseConv<Multiplier, (L,), Bias>;
/// A depthwise convolution over an image, `[C, H, W]`.
pub type DepthwiseConv2d<Multiplier, H, W = H, Bias = B1> = DepthwiseConv<Multiplier, (H, W), Bias>;
/// A depthwise convolution over a volume, `[C, D, H, W]`.
pub type DepthwiseConv3d<Multiplier, D, H = D, W = H, Bias = B1> = DepthwiseConv<Multiplier, (D, H, W), Bias>;

impl<Multiplier: Unsigned, Windows: WindowList, Bias: Bit> DepthwiseConv<Multiplier, Windows, Bias> {
    const OP: ConvOp = ConvOp {
        rank: Windows::RANK,
        channels: Channels::Each(Multiplier::USIZE),
        windows: Windows::WINDOWS,
        bias: Bias::BOOL,
        in_channels: None,
    };

    const fn geometry<In: Shape>() -> geometry::Conv {
        Self::OP.geometry(&In::DIMS)
    }
}

impl<In, Multiplier, Windows, Bias> Layer<In> for DepthwiseConv<Multiplier, Windows, Bias>
where
    In: Slides<Windows, Floor>,
    In::Channels: Mul<Multiplier, Output: Dim>,
    Multiplier: Unsigned,
    Windows: WindowList,
    Bias: Bit,
{
    type Out = In::Out<Prod<In::Channels, Multiplier>>;
    type Fits = In::Fits;
    const TREE: Tree = Tree::Leaf(Op::Conv(Self::OP));

    fn forward(run: &mut Forward<'_>) {
        forward(const { &Self::geometry::<In>() }, run);
    }

    fn backward(run: &mut Backward<'_>) {
        backward(const { &Self::geometry::<In>() }, run);
    }
}

fn forward(geometry: &geometry::Conv, run: &mut Forward<'_>) {
    while let Some(step) = run.step() {
        step.kernels.conv(&step.form)(geometry, step);
    }
}

/// On planar values, with canonical parameters or packed ones.
pub(crate) fn plain(geometry: &geometry::Conv, step: ForwardStep<'_>) {
    // A batch normalisation that was folded in has left a bias.
    let geometry = with_bias(*geometry, step.folded);
    let input = step.input();
    let (weight, bias) = step.weight_and_bias(geometry.weight_len());
    let (batch, product) = (step.batch, step.product);
    conv::forward(&geometry, batch, input, weight, bias, step.epilogue, step.output, step.scratch, product);
}

/// The kernels of prepared networks: what differs is the kernel's name. They run on the best instructions whatever the step says,
/// which for prepared networks says nothing else: without std that is a constant.
macro_rules! prepared {
    ($($(#[$doc:meta])* $name:ident: |$form:pat_param| $kernel:path $(, $argument:expr)?;)+) => {$(
        $(#[$doc])*
        pub(crate) fn $name<E: FromStep>(g: &geometry::Conv, step: ForwardStep<'_>) {
            let ($form, packed, isa) = (&step.form, step.plain_params(), Isa::best());
            let (batch, input, epilogue) = (step.batch, step.input(), E::from_step(&step));
            $kernel(g, $($argument,)? batch, input, packed, epilogue, step.output, step.scratch, isa);
        }
    )+};
}

prepared! {
    /// Planar to planar, for few output channels.
    rows: |_| blocked::rows::forward;
    /// Sixteen output channels a vector, from a planar input.
    direct_from_planar: |form| blocked::direct::forward_from::<1>, form;
    /// The same from a blocked one.
    direct_from_blocked: |form| blocked::direct::forward_from::<BLOCK>, form;
    /// The same on weights in bf16.
    direct_narrow: |form| blocked::direct::forward_narrow, form;
    /// Each channel by itself.
    depthwise: |_| blocked::depthwise::forward;
}

/// Tiles of outputs.
pub(crate) fn winograd(g: &geometry::Conv, step: ForwardStep<'_>) {
    let (m, packed, isa) = (step.form.algorithm.tile(), step.plain_params(), Isa::best());
    let (batch, input, scratch) = (step.batch, step.input(), step.scratch);
    blocked::winograd::forward(g, m, batch, input, packed, step.epilogue, step.output, scratch, isa);
}

fn backward(geometry: &geometry::Conv, run: &mut Backward<'_>) {
    let step = run.step();
    let (weight, _) = step.params.split_at(geometry.weight_len());
    let (grad_weight, grad_bias) = step.grad_params.split_at_mut(geometry.weight_len());
    let (batch, input, grad_output, grad_input) = (step.batch, step.input, step.grad_output, step.grad_input);
    conv::backward(geometry, batch, input, weight, grad_output, grad_input, grad_weight, grad_bias, step.scratch);
}
