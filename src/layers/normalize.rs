//! The input in standard units.

use core::marker::PhantomData;

use convnet_shape::op::Op;
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::normalize;
use crate::shape::Shape;

/// Mean and standard deviation of each channel, as constants.
///
/// ```
/// use convnet::layers::{ChannelStatistics, Normalize};
///
/// struct ImageNet;
///
/// impl ChannelStatistics for ImageNet {
///     const MEAN: &'static [f32] = &[0.485, 0.456, 0.406];
///     const STD: &'static [f32] = &[0.229, 0.224, 0.225];
/// }
///
/// type Standardise = Normalize<ImageNet>;
/// ```
pub trait ChannelStatistics: 'static {
    /// Means.
    const MEAN: &'static [f32];
    /// Standard deviations.
    const STD: &'static [f32];
}

/// y = (x − mean) / std of each channel, with constants. torchvision: `transforms.Normalize`.
pub struct Normalize<Statistics>(PhantomData<Statistics>);

impl<In: Shape, Statistics: ChannelStatistics> Layer<In> for Normalize<Statistics> {
    type Out = In;
    type Fits = B1;
    const TREE: Tree = Tree::Leaf(Op::Normalize { mean: Statistics::MEAN, std: Statistics::STD });

    fn forward(run: &mut Forward<'_>) {
        let cells = In::CELLS;
        while let Some(step) = run.step() {
            normalize::forward(cells, Statistics::MEAN, Statistics::STD, step.in_place());
        }
    }

    fn backward(run: &mut Backward<'_>) {
        let cells = In::CELLS;
        run.step().in_place(|_, _, grad| normalize::backward(cells, Statistics::STD, grad));
    }
}
