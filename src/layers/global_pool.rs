//! Global pooling: one value a channel.

use convnet_shape::op::{Op, Reduce};
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::{blocked, pool};
use crate::shape::{Dim, Image, Seq, Shape, Vector, Volume};

/// Global average pooling: `[C, …]` → `[C]`, the mean of each channel.
///
/// It replaces flattening and a large linear layer before a classifier (Lin, Chen, Yan: Network In Network,
/// section 3.2). PyTorch: `nn.AdaptiveAvgPool2d(1)` and `flatten`.
pub struct GlobalAvgPool;

/// Global max pooling: `[C, …]` → `[C]`, the largest value of each channel; NaN wins, and the gradient goes to the
/// first of equals. PyTorch: `nn.AdaptiveMaxPool2d(1)` and `flatten`.
pub struct GlobalMaxPool;

macro_rules! global_pool {
    ($($pool:ident, $reduce:ident on $shape:ident<$($spatial:ident),+>, |$x:ident, $y:ident, $cells:ident| $forward:expr,
       |$step:ident, $grad:ident| $backward:expr;)+) => {$(
        impl<C: Dim, $($spatial: Dim),+> Layer<$shape<C, $($spatial),+>> for $pool {
            type Out = Vector<C>;
            type Fits = B1;
            const TREE: Tree = Tree::Leaf(Op::GlobalPool(Reduce::$reduce));

            fn forward(run: &mut Forward<'_>) {
                let $cells = const { <$shape<C, $($spatial),+>>::LEN / C::USIZE };
                while let Some(step) = run.step() {
                    let ($x, $y) = (step.input(), step.output);
                    match (step.form.input.is_blocked(), Reduce::$reduce) {
                        (false, _) => $forward,
                        (true, Reduce::Average) => {
                            blocked::channels::global_average($cells, $x, $y, step.product.isa());
                        }
                        (true, Reduce::Max) => blocked::channels::global_max($cells, $x, $y, step.product.isa()),
                    }
                }
            }

            fn backward(run: &mut Backward<'_>) {
                let $cells = const { <$shape<C, $($spatial),+>>::LEN / C::USIZE };
                let $step = run.step();
                let Some($grad) = $step.grad_input else { return };
                $backward;
            }
        }
    )+};
}

macro_rules! global_pools {
    ($($shape:ident<$($spatial:ident),+>)+) => {
        global_pool! {$(
            GlobalAvgPool, Average on $shape<$($spatial),+>,
                |x, y, cells| pool::global_average_forward(cells, x, y),
                |step, grad| pool::global_average_backward(cells, step.grad_output, grad);
            GlobalMaxPool, Max on $shape<$($spatial),+>,
                |x, y, cells| pool::global_max_forward(cells, x, y),
                |step, grad| pool::global_max_backward(cells, step.input, step.grad_output, grad);
        )+}
    };
}

global_pools!(Seq<L> Image<H, W> Volume<D, H, W>);
