//! What can be wrong with a training step.

use core::fmt;

/// Why a training step, or the making of a trainer, was refused. The network is as it was before.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum TrainError {
    /// There are no samples.
    Empty,
    /// There are more samples than the trainer has memory for.
    TooMany {
        /// Samples in the batch.
        samples: usize,
        /// The most that the trainer takes.
        most: usize,
    },
    /// The inputs and the targets, or the inputs and their gradients, are not equally many.
    Unequal {
        /// Samples in the batch.
        inputs: usize,
        /// What does not go with them.
        other: usize,
        /// What those are.
        what: &'static str,
    },
    /// A target is no class of the network.
    Class {
        /// Which target.
        index: usize,
        /// Its value.
        class: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A batch normalisation has one value a channel, whose variance means nothing.
    Statistics {
        /// The layer.
        layer: &'static str,
    },
    /// The loss is infinite or NaN.
    NotFinite {
        /// The loss.
        loss: f32,
        /// Steps done before.
        step: u64,
    },
    /// A trainer for batches of this size needs more memory than there is.
    Memory {
        /// Samples in the batch.
        samples: usize,
    },
}

impl fmt::Display for TrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => write!(f, "the batch has no samples; it needs at least 1"),
            Self::TooMany { samples, most } => {
                write!(f, "the batch has {samples} samples, but the trainer was made for at most {most}")
            }
            Self::Unequal { inputs, other, what } => {
                write!(f, "{inputs} inputs but {other} {what}; each input needs one of its own")
            }
            Self::Class { index, class, classes } => {
                let last = classes.saturating_sub(1);
                write!(f, "target {index} is class {class}, but the network has {classes} classes, 0 to {last}")
            }
            Self::Statistics { layer } => {
                write!(
                    f,
                    "`{layer}` normalises by the batch, which has one value a channel; it needs at least 2 samples"
                )
            }
            Self::NotFinite { loss, step } => {
                let loss = if loss.is_nan() { "not a number" } else { "infinite" };
                write!(
                    f,
                    "the loss is {loss} after {step} steps; look for such values in the inputs, or lower the learning \
                     rate"
                )
            }
            Self::Memory { samples } => {
                write!(f, "not enough memory to train with batches of {samples} samples; take smaller ones")
            }
        }
    }
}

impl core::error::Error for TrainError {}
