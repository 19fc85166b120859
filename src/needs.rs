//! What the kernels of an operation need in memory: scratch forward and backward, and the packed parameters.

use convnet_shape::dims::Dims;
use convnet_shape::geometry::{Conv, Linear};
use convnet_shape::op::Op;
use convnet_shape::plan::{Algorithm, Form};

use crate::ops::{blocked, conv, conv_transpose, linear};

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

/// What `op` needs on an input of these sizes; `folded` if a batch normalisation behind it is folded in, which
/// leaves a bias.
pub const fn needs(op: &Op, input: &Dims, folded: bool) -> Needs {
    match op {
        Op::Conv(op) => {
            let geometry = with_bias(op.geometry(input), folded);
            if !geometry.can_run() {
                return Needs { forward: 0, backward: 0, packed: 0 };
            }
            Needs {
                forward: conv::scratch_floats(&geometry),
                backward: conv::backward_scratch_floats(&geometry),
                packed: conv::packed_floats(&geometry),
            }
        }
        Op::ConvTranspose(op) => {
            let geometry = with_bias(op.geometry(input), folded);
            if !geometry.can_run() {
                return Needs { forward: 0, backward: 0, packed: 0 };
            }
            Needs {
                forward: conv_transpose::scratch_floats(&geometry),
                backward: conv_transpose::backward_scratch_floats(&geometry),
                packed: conv_transpose::packed_floats(&geometry),
            }
        }
        Op::Linear(op) => {
            let geometry = linear_with_bias(op.geometry(input), folded);
            let scratch = linear::scratch_floats(&geometry);
            Needs { forward: scratch, backward: scratch, packed: linear::packed_floats(&geometry) }
        }
        Op::Prelu { .. } => Needs { forward: 0, backward: 0, packed: op.params(input) },
        // Scale and shift.
        Op::BatchNorm(_) => Needs { forward: 0, backward: 0, packed: op.params(input) },
        Op::Own(op) => Needs { forward: op.scratch, backward: op.scratch, packed: op.params },
        _ => Needs { forward: 0, backward: 0, packed: 0 },
    }
}

/// What a layer of a prepared network needs in its form: scratch for one sample and for many, and packed parameters.
pub const fn prepared(op: &Op, input: &Dims, folded: bool, form: &Form) -> ([usize; 2], usize) {
    let needs = needs(op, input, folded);
    match (op, form.algorithm) {
        (Op::Conv(op), Algorithm::Direct | Algorithm::Dots) => {
            let geometry = op.geometry(input);
            let scratch = blocked::direct::scratch_floats(&geometry, form.stored);
            ([scratch; 2], blocked::direct::packed_floats(&geometry, form.stored))
        }
        (Op::Conv(op), Algorithm::Rows) => {
            let geometry = op.geometry(input);
            ([blocked::rows::scratch_floats(&geometry); 2], blocked::rows::packed_floats(&geometry))
        }
        (Op::Conv(op), Algorithm::Winograd(m)) => {
            let g = op.geometry(input);
            let scratch = [blocked::winograd::scratch_floats(&g, m, 1), blocked::winograd::scratch_floats(&g, m, 16)];
            (scratch, blocked::winograd::packed_floats(&g, m))
        }
        (Op::Conv(op), Algorithm::Depthwise) => {
            let geometry = op.geometry(input);
            let scratch = blocked::depthwise::scratch_floats(&geometry);
            ([scratch; 2], blocked::depthwise::packed_floats(&geometry))
        }
        (Op::Linear(op), _) => {
            let geometry = linear_with_bias(op.geometry(input), folded);
            ([0, blocked::linear::scratch_floats(&geometry)], linear::stored::packed_floats(&geometry, form.stored))
        }
        _ => ([needs.forward; 2], needs.packed),
    }
}

/// A convolution that has a bias if a batch normalisation is folded into it.
pub const fn with_bias(mut geometry: Conv, folded: bool) -> Conv {
    geometry.bias = geometry.bias || folded;
    geometry
}

/// A linear layer that has a bias if a batch normalisation is folded into it.
pub const fn linear_with_bias(mut geometry: Linear, folded: bool) -> Linear {
    geometry.bias = geometry.bias || folded;
    geometry
}
