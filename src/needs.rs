//! What the kernels of an operation need in memory: scratch forward and backward, and the packed parameters.

use convnet_shape::dims::Dims;
use convnet_shape::op::Op;

use crate::ops::{conv, linear};

/// Floats that the kernels of one operation need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Scratch of forward.
    pub forward: usize,
    /// Scratch of backward.
    pub backward: usize,
    /// Weight and bias, packed.
    pub packed: usize,
}

/// What `op` needs on an input of these sizes.
pub const fn needs(op: &Op, input: &Dims) -> Needs {
    match op {
        Op::Conv(op) => {
            let geometry = op.geometry(input);
            Needs {
                forward: conv::scratch_floats(&geometry),
                backward: conv::backward_scratch_floats(&geometry),
                packed: conv::packed_floats(&geometry),
            }
        }
        Op::Linear(op) => {
            let geometry = op.geometry(input);
            let scratch = linear::scratch_floats(&geometry);
            Needs { forward: scratch, backward: scratch, packed: linear::packed_floats(&geometry) }
        }
        Op::Pool(_) | Op::GlobalAvgPool | Op::Flatten | Op::Activation(_) | Op::Softmax | Op::Dropout(_) => {
            Needs { forward: 0, backward: 0, packed: 0 }
        }
    }
}
