//! Global average pooling: one mean a channel.

use convnet_shape::op::Op;
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::pool;
use crate::shape::{Dim, Image, Seq, Shape, Vector, Volume};

/// Global average pooling: `[C, …]` → `[C]`, the mean of each channel.
///
/// It replaces flattening and a large linear layer before a classifier (Lin, Chen, Yan: Network In Network,
/// section 3.2). PyTorch: `nn.AdaptiveAvgPool2d(1)` and `flatten`.
pub struct GlobalAvgPool;

macro_rules! global_avg_pool {
    ($($shape:ident<$($spatial:ident),+>)+) => {$(
        impl<C: Dim, $($spatial: Dim),+> Layer<$shape<C, $($spatial),+>> for GlobalAvgPool {
            type Out = Vector<C>;
            type Fits = B1;
            const TREE: Tree = Tree::Leaf(Op::GlobalAvgPool);

            fn forward(run: &mut Forward<'_>) {
                let cells = const { <$shape<C, $($spatial),+>>::LEN / C::USIZE };
                let Some(step) = run.step() else { return };
                pool::global_average_forward(cells, step.input(), step.output);
            }

            fn backward(run: &mut Backward<'_>) {
                let cells = const { <$shape<C, $($spatial),+>>::LEN / C::USIZE };
                let step = run.step();
                let Some(grad_input) = step.grad_input else { return };
                pool::global_average_backward(cells, step.grad_output, grad_input);
            }
        }
    )+};
}

global_avg_pool!(Seq<L> Image<H, W> Volume<D, H, W>);
