//! The buffers of a trainer, made once.

use alloc::vec::Vec;

use super::TrainError;
use crate::heap;
use crate::network::Architecture;

/// Everything that a training step writes, but for the parameters: for `batch` samples, and for fewer.
#[derive(Debug)]
pub struct Memory {
    /// Samples of the largest batch.
    pub batch: usize,
    /// The values between the layers, `[slots, batch]`.
    pub slots: Vec<f32>,
    /// Their gradients.
    pub grad_slots: Vec<f32>,
    /// The outputs, `[batch, output]`.
    pub outputs: Vec<f32>,
    /// Their gradients.
    pub grad_outputs: Vec<f32>,
    /// The gradients of the parameters, `[P]`.
    pub gradients: Vec<f32>,
    /// What the optimiser remembers, `[state_per_parameter, P]`.
    pub state: Vec<f32>,
    /// The scratch of the kernels.
    pub kernel: Vec<f32>,
    /// Statistics of the last batch, as batch normalisation has them.
    pub saved: Vec<f32>,
    /// The running statistics, while the optimiser changes the parameters around them.
    pub running: Vec<f32>,
    /// Samples of the last batch.
    pub samples: usize,
}

impl Memory {
    /// Memory for batches of up to `batch` samples, all zeros.
    pub fn new(architecture: &Architecture, batch: usize, state_per_parameter: usize) -> Result<Self, TrainError> {
        let sizes = architecture.training_sizes;
        let zeros = |each: usize, count: usize| {
            let zeros = each.checked_mul(count).and_then(heap::try_zeros);
            zeros.ok_or(TrainError::Memory { samples: batch })
        };
        let output = architecture.output().len();
        Ok(Self {
            batch,
            slots: zeros(sizes.slots, batch)?,
            grad_slots: zeros(sizes.slots, batch)?,
            outputs: zeros(output, batch)?,
            grad_outputs: zeros(output, batch)?,
            gradients: zeros(sizes.params, 1)?,
            state: zeros(sizes.params, state_per_parameter)?,
            kernel: zeros(sizes.kernel, 1)?,
            saved: zeros(sizes.saved, 1)?,
            running: zeros(sizes.saved, 1)?,
            samples: 0,
        })
    }
}
