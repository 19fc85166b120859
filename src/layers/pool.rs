//! Pooling: the largest value or the mean under a window, each channel by itself.

use core::marker::PhantomData;

use convnet_shape::geometry;
use convnet_shape::op::{Op, PoolOp, Reduce};
use typenum::{B1, Bit};

use crate::layer::{Backward, Forward, ForwardStep, Layer, Tree};
use crate::ops::{blocked, pool};
use crate::shape::{Floor, Round, Shape, Slides, WindowList};
use crate::simd::Isa;

/// Max pooling: `[C, …]` → `[C, …]`, the largest value under the window; NaN wins. PyTorch: `nn.MaxPool2d`.
///
/// # Shapes
///
/// Input `[C, H, W]`, output `[C, H', W']` with H' = ⌊(H + p₀ + p₁ − d(k − 1) − 1) / s⌋ + 1; with
/// `Rounding` = [`Ceil`](crate::shape::Ceil) ⌈…⌉ + 1, less 1 if the last window would start at or after H + p₀.
/// Padding never wins. The gradient goes to the first largest value in scan order.
pub struct MaxPool<Windows, Rounding = Floor>(PhantomData<(Windows, Rounding)>);

/// Max pooling over a sequence, `[C, L]`.
pub type MaxPool1d<L, Rounding = Floor> = MaxPool<(L,), Rounding>;
/// Max pooling over an image, `[C, H, W]`.
pub type MaxPool2d<H, W = H, Rounding = Floor> = MaxPool<(H, W), Rounding>;
/// Max pooling over a volume, `[C, D, H, W]`.
pub type MaxPool3d<D, H = D, W = H, Rounding = Floor> = MaxPool<(D, H, W), Rounding>;

/// Average pooling: `[C, …]` → `[C, …]`, the mean under the window. PyTorch: `nn.AvgPool2d`.
///
/// # Shapes
///
/// As [`MaxPool`]. With `CountIncludePad` = `B1` (the default, as in PyTorch) padding counts in the divisor: cells
/// up to H + p₀ + p₁, not those that ceil mode hangs over.
pub struct AvgPool<Windows, Rounding = Floor, CountIncludePad = B1>(PhantomData<(Windows, Rounding, CountIncludePad)>);

/// Average pooling over a sequence, `[C, L]`.
pub type AvgPool1d<L, Rounding = Floor, CountIncludePad = B1> = AvgPool<(L,), Rounding, CountIncludePad>;
/// Average pooling over an image, `[C, H, W]`.
pub type AvgPool2d<H, W = H, Rounding = Floor, CountIncludePad = B1> = AvgPool<(H, W), Rounding, CountIncludePad>;
/// Average pooling over a volume, `[C, D, H, W]`.
pub type AvgPool3d<D, H = D, W = H, Rounding = Floor, CountIncludePad = B1> =
    AvgPool<(D, H, W), Rounding, CountIncludePad>;

/// Implements [`Layer`] for a pool: the two differ in what they reduce with, not in how they slide.
macro_rules! pool_layer {
    ($pool:ident, [$($generic:ident: $bound:ident)?], $reduce:expr, $count_include_pad:expr, $backward:path) => {
        impl<Windows: WindowList, Rounding: Round, $($generic: $bound)?> $pool<Windows, Rounding, $($generic)?> {
            const OP: PoolOp = PoolOp {
                rank: Windows::RANK,
                reduce: $reduce,
                windows: Windows::WINDOWS,
                rounding: Rounding::ROUNDING,
                count_include_pad: $count_include_pad,
            };

            const fn geometry<In: Shape>() -> geometry::Pool {
                Self::OP.geometry(&In::DIMS)
            }
        }

        impl<In, Windows, Rounding, $($generic: $bound)?> Layer<In> for $pool<Windows, Rounding, $($generic)?>
        where
            In: Slides<Windows, Rounding>,
            Windows: WindowList,
            Rounding: Round,
        {
            type Out = In::Out<In::Channels>;
            type Fits = In::Fits;
            const TREE: Tree = Tree::Leaf(Op::Pool(Self::OP));

            fn forward(run: &mut Forward<'_>) {
                let geometry = const { Self::geometry::<In>() };
                while let Some(step) = run.step() {
                    const MAX: bool = matches!($reduce, Reduce::Max);
                    step.kernels.pool(MAX, step.form.input.is_blocked())(&geometry, step);
                }
            }

            fn backward(run: &mut Backward<'_>) {
                let geometry = const { Self::geometry::<In>() };
                let step = run.step();
                let Some(grad_input) = step.grad_input else { return };
                $backward(&geometry, step.batch, step.input, step.grad_output, grad_input);
            }
        }
    };
}

pool_layer!(MaxPool, [], Reduce::Max, false, pool::max_backward);
pool_layer!(
    AvgPool,
    [CountIncludePad: Bit],
    Reduce::Average,
    CountIncludePad::BOOL,
    average_backward
);

/// The largest of planar values.
pub(crate) fn max_planar(g: &geometry::Pool, step: ForwardStep<'_>) {
    pool::max_forward(g, step.batch, step.input(), step.output);
}

/// The largest of blocked values.
pub(crate) fn max_blocked(g: &geometry::Pool, step: ForwardStep<'_>) {
    blocked::pool::forward::<true>(g, step.batch, step.input(), step.output, Isa::best());
}

/// The mean of planar values.
pub(crate) fn average_planar(g: &geometry::Pool, step: ForwardStep<'_>) {
    pool::average_forward(g, step.batch, step.input(), step.output);
}

/// The mean of blocked values.
pub(crate) fn average_blocked(g: &geometry::Pool, step: ForwardStep<'_>) {
    blocked::pool::forward::<false>(g, step.batch, step.input(), step.output, Isa::best());
}

/// The gradient of a mean needs no input.
fn average_backward(g: &geometry::Pool, batch: usize, _input: &[f32], grad_output: &[f32], grad_input: &mut [f32]) {
    pool::average_backward(g, batch, grad_output, grad_input);
}
