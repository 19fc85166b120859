//! What an architecture and its packing hash to, so that a file that was packed for another one is known.
//!
//! Everything that decides what packed parameters mean goes in: the layers with all their settings, who reads what, and
//! the form that each layer's parameters are packed in. Names of layers do not: renaming one changes no parameter. Patterns
//! here name every field, so that what is added to an operation is not forgotten.

use crate::dims::Dims;
use crate::op::{Activation, BatchNormOp, Channels, ConvOp, ConvTransposeOp, LinearOp, LrnOp, Op, OwnOp, Permutation};
use crate::op::{PoolOp, Reduce};
use crate::options::Stored;
use crate::plan::{Algorithm, Form, Layout, Node, Step};
use crate::window::{Padding, Rounding, Window};

/// To be increased when what a layer's `pack` writes changes and its plan does not; `tests/packed.rs` notices.
const PACKING: u64 = 1;

/// The fingerprint of layers and of the plan that their parameters are packed for.
pub const fn fingerprint(nodes: &[Node], steps: &[Step]) -> u64 {
    let mut hash = Hash(0).word(PACKING).size(nodes.len());
    let mut i = 0;
    while i < nodes.len() && i < steps.len() {
        hash = hash.node(&nodes[i]).step(&steps[i]);
        i += 1;
    }
    hash.0
}

#[derive(Clone, Copy)]
struct Hash(u64);

impl Hash {
    /// One step of the multiplication that `files::packed::checksum` does, in constants.
    const fn word(self, word: u64) -> Self {
        let mixed = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(mixed ^ mixed >> 32)
    }

    const fn size(self, size: usize) -> Self {
        self.word(size as u64)
    }

    const fn flag(self, flag: bool) -> Self {
        self.word(flag as u64)
    }

    const fn float(self, x: f32) -> Self {
        self.word(x.to_bits() as u64)
    }

    const fn sizes(mut self, sizes: &[usize]) -> Self {
        self = self.size(sizes.len());
        let mut i = 0;
        while i < sizes.len() {
            self = self.size(sizes[i]);
            i += 1;
        }
        self
    }

    const fn floats(mut self, floats: &[f32]) -> Self {
        self = self.size(floats.len());
        let mut i = 0;
        while i < floats.len() {
            self = self.float(floats[i]);
            i += 1;
        }
        self
    }

    const fn dims(self, dims: &Dims) -> Self {
        self.sizes(dims.as_slice())
    }

    const fn node(mut self, node: &Node) -> Self {
        // What a kernel needs for itself and where values lie is the library's business.
        let Node { op, reads, input, output, scratch: _, packed: _ } = node;
        self = self.op(op).dims(input).dims(output).size(reads.count());
        let mut path = 0;
        while path < reads.count() {
            self = self.size(reads.value(path));
            path += 1;
        }
        self
    }

    const fn step(self, step: &Step) -> Self {
        let Form { input, output, algorithm, stored } = &step.form;
        let stored = match stored {
            Stored::F32 => 0,
            Stored::F16 => 1,
            Stored::Bf16 => 2,
            Stored::Int8 => 3,
        };
        let algorithm = match algorithm {
            Algorithm::Plain => 0,
            Algorithm::Rows => 1,
            // What is multiplied is packed alike.
            Algorithm::Direct | Algorithm::Dots => 2,
            Algorithm::Depthwise => 3,
            Algorithm::Winograd(m) => 8 + *m as u64,
        };
        let hash = self.size(step.packed).size(step.packed_len).flag(step.folded).word(stored).word(algorithm);
        hash.layout(input).layout(output)
    }

    const fn layout(self, layout: &Layout) -> Self {
        match layout {
            Layout::Planar => self.word(0),
            Layout::Blocked { cells } => self.word(1).size(*cells),
        }
    }

    const fn op(self, op: &Op) -> Self {
        match op {
            Op::Conv(op) => self.word(1).conv(op),
            Op::ConvTranspose(op) => self.word(2).conv_transpose(op),
            Op::Pool(op) => self.word(3).pool(op),
            Op::GlobalPool(reduce) => self.word(4).reduce(reduce),
            // What the declaration says of the input is checked against it, and changes nothing.
            Op::Linear(LinearOp { out_features, bias, in_features: _ }) => self.word(5).size(*out_features).flag(*bias),
            Op::Flatten => self.word(6),
            Op::Reshape(dims) => self.word(7).dims(dims),
            Op::Permute(Permutation { rank, axes }) => self.word(8).size(*rank).sizes(axes),
            Op::Activation(activation) => self.word(9).activation(activation),
            Op::Prelu { per_channel } => self.word(10).flag(*per_channel),
            Op::Softmax => self.word(11),
            Op::LogSoftmax => self.word(12),
            Op::Lrn(LrnOp { size, alpha, beta, k }) => self.word(13).size(*size).float(*alpha).float(*beta).float(*k),
            // The momentum is training's.
            Op::BatchNorm(BatchNormOp { epsilon, momentum: _ }) => self.word(14).float(*epsilon),
            Op::Normalize { mean, std } => self.word(15).floats(mean).floats(std),
            // At inference it is the identity.
            Op::Dropout(_) => self.word(16),
            Op::Concat => self.word(17),
            Op::Add => self.word(18),
            Op::Heads => self.word(19),
            Op::Own(OwnOp { keyword: _, input: _, output, params, initial: _, macs: _, scratch: _ }) => {
                self.word(20).dims(output).size(*params)
            }
        }
    }

    const fn conv(self, op: &ConvOp) -> Self {
        let ConvOp { rank, channels, windows, bias, in_channels: _ } = op;
        let hash = match channels {
            Channels::Out { out, groups } => self.word(0).size(*out).size(*groups),
            Channels::Each(multiplier) => self.word(1).size(*multiplier),
        };
        hash.size(*rank).windows(windows).flag(*bias)
    }

    const fn conv_transpose(self, op: &ConvTransposeOp) -> Self {
        let ConvTransposeOp { rank, out_channels, windows, output_padding, groups, bias, in_channels: _ } = op;
        let hash = self.size(*rank).size(*out_channels).windows(windows).sizes(output_padding);
        hash.size(*groups).flag(*bias)
    }

    const fn pool(self, op: &PoolOp) -> Self {
        let PoolOp { rank, reduce, windows, rounding, count_include_pad } = op;
        let hash = self.size(*rank).reduce(reduce).windows(windows).flag(*count_include_pad);
        match rounding {
            Rounding::Floor => hash.word(0),
            Rounding::Ceil => hash.word(1),
        }
    }

    const fn reduce(self, reduce: &Reduce) -> Self {
        match reduce {
            Reduce::Max => self.word(0),
            Reduce::Average => self.word(1),
        }
    }

    const fn windows(mut self, windows: &[Window; 3]) -> Self {
        let mut axis = 0;
        while axis < 3 {
            let Window { kernel, stride, padding, dilation } = &windows[axis];
            self = self.size(*kernel).size(*stride).size(*dilation);
            self = match padding {
                Padding::Cells(before, after) => self.word(0).size(*before).size(*after),
                Padding::Same => self.word(1),
                Padding::Full => self.word(2),
            };
            axis += 1;
        }
        self
    }

    const fn activation(self, activation: &Activation) -> Self {
        match activation {
            Activation::Relu => self.word(1),
            Activation::LeakyRelu(slope) => self.word(2).float(*slope),
            Activation::Elu(alpha) => self.word(3).float(*alpha),
            Activation::Selu => self.word(4),
            Activation::Gelu => self.word(5),
            Activation::Silu => self.word(6),
            Activation::Clamp(low, high) => self.word(7).float(*low).float(*high),
            Activation::HardSwish => self.word(8),
            Activation::Tanh => self.word(9),
            Activation::Sigmoid => self.word(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Reads;

    const fn node(op: Op) -> [Node; 1] {
        let input = Dims::new(&[3, 8, 8]);
        [Node { op, reads: Reads::one(0), input, output: op.output(&input), scratch: [0, 0], packed: 0 }]
    }

    const fn conv(windows: [Window; 3], bias: bool) -> Op {
        let channels = Channels::Out { out: 4, groups: 1 };
        Op::Conv(ConvOp { rank: 2, channels, windows, bias, in_channels: None })
    }

    #[test]
    fn what_changes_an_output_changes_the_fingerprint() {
        let padded = Window { kernel: 3, padding: Padding::Cells(1, 1), ..Window::UNIT };
        let ops = [
            conv([Window::UNIT, padded, padded], true),
            conv([Window::UNIT, padded, padded], false),
            conv([Window::UNIT, Window { padding: Padding::Same, ..padded }, padded], true),
            conv([Window::UNIT, padded, Window { stride: 2, ..padded }], true),
            Op::Activation(Activation::Relu),
            Op::Activation(Activation::LeakyRelu(0.1)),
            Op::Activation(Activation::LeakyRelu(0.2)),
            Op::Flatten,
            Op::Softmax,
        ];
        let plan = |op: &Op| {
            let nodes = node(*op);
            let steps = crate::plan::Plan::<1>::new(&nodes, crate::plan::Purpose::Packed);
            fingerprint(&nodes, steps.steps())
        };
        for (i, a) in ops.iter().enumerate() {
            for (j, b) in ops.iter().enumerate() {
                assert_eq!(plan(a) == plan(b), i == j, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn it_is_a_constant() {
        const NODES: [Node; 1] = node(Op::Flatten);
        const PRINT: u64 = fingerprint(&NODES, &[]);
        assert_eq!(PRINT, fingerprint(&NODES, &[]));
    }
}
