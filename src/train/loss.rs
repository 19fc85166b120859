//! What training makes small.

use crate::arena::Floats;
use crate::ops::loss;
use crate::shape::{Dim, Vector};
use crate::tensor::{Flat, Tensor, Value};
use crate::train::TrainError;

/// A loss of outputs of type `Output`: one number for a batch, and its gradient.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loss of a network whose output is a `{Output}`",
    label = "this loss does not take that output",
    note = "`CrossEntropy` takes one score a class, a vector: end the network with `linear(CLASSES)`"
)]
pub trait Loss<Output: Value> {
    /// What an output is compared with.
    type Target;

    /// Whether these targets make sense; the first that does not is the error.
    ///
    /// # Errors
    ///
    /// If one does not.
    fn check(&self, targets: &[Self::Target]) -> Result<(), TrainError>;

    /// The mean loss of the batch; `grad`, `[N, output]` as the outputs, is overwritten with its gradient.
    ///
    /// There are as many targets as outputs, at least one, and they have passed [`check`](Loss::check).
    fn loss(&self, outputs: &[f32], targets: &[Self::Target], grad: &mut [f32]) -> f32;
}

/// Cross-entropy of scores and class indices, −1/N Σₙ log softmax(scores\[n\])\[targets\[n\]\]: for classifiers.
///
/// The softmax is inside, where it costs nothing and loses no precision: a network that is trained with this loss
/// ends with its scores, not with `softmax`. PyTorch: `nn.CrossEntropyLoss`.
#[derive(Clone, Copy, Debug, Default)]
pub struct CrossEntropy;

/// The mean of the squared differences of all values, 1/n Σ (y − t)²: for regression. PyTorch: `nn.MSELoss`.
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanSquaredError;

impl CrossEntropy {
    fn check(classes: usize, targets: &[usize]) -> Result<(), TrainError> {
        match targets.iter().position(|class| *class >= classes) {
            Some(index) => Err(TrainError::Class { index, class: targets[index], classes }),
            None => Ok(()),
        }
    }
}

/// Implements [`Loss`] for the two vectors at the door, declared and hand-built.
macro_rules! cross_entropy {
    ($([$($generics:tt)*] $output:ty;)+) => {$(
        impl<$($generics)*> Loss<$output> for CrossEntropy {
            type Target = usize;

            fn check(&self, targets: &[usize]) -> Result<(), TrainError> {
                Self::check(<$output>::LEN, targets)
            }

            fn loss(&self, outputs: &[f32], targets: &[usize], grad: &mut [f32]) -> f32 {
                loss::cross_entropy(<$output>::LEN, outputs, targets, grad)
            }
        }
    )+};
}

cross_entropy! {
    [const N: usize] Flat<N>;
    [N: Dim] Tensor<Vector<N>>;
}

impl<Output: Value> Loss<Output> for MeanSquaredError {
    type Target = Output;

    fn check(&self, _: &[Output]) -> Result<(), TrainError> {
        Ok(())
    }

    fn loss(&self, outputs: &[f32], targets: &[Output], grad: &mut [f32]) -> f32 {
        loss::mean_squared_error(outputs, Output::flatten(targets), grad)
    }
}
