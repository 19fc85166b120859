//! Running statistics of batch normalisation: beside the learned parameters, not among them.
//!
//! They lie in the parameter buffer, because they are saved with it, but no gradient moves them and no weight decay
//! may shrink them. A step therefore sets them aside with the batch mixed in ([`keep`]), lets the optimiser work on the
//! whole buffer, and puts them back ([`put`]).

use core::ops::Range;

use convnet_shape::op::Op;
use convnet_shape::plan::Node;

use crate::network::Architecture;
use crate::ops::batch_norm;

/// running ← the statistics in `params` with those of the last batch, `saved`, of so many samples mixed in.
pub fn keep(architecture: &Architecture, params: &[f32], saved: &[f32], samples: usize, running: &mut [f32]) {
    for (state, own, values, momentum) in normalisations(architecture) {
        running[own.clone()].copy_from_slice(&params[state]);
        // A trainer that has seen no batch has nothing to mix in.
        if samples > 0 {
            batch_norm::update_running(samples * values, momentum, &saved[own.clone()], &mut running[own]);
        }
    }
}

/// params ← the running statistics, where they belong.
pub fn put(architecture: &Architecture, running: &[f32], params: &mut [f32]) {
    for (state, own, ..) in normalisations(architecture) {
        params[state].copy_from_slice(&running[own]);
    }
}

/// The first batch normalisation that has fewer than two values a channel in a batch of so many samples.
pub fn without_variance(architecture: &Architecture, samples: usize) -> Option<&'static str> {
    let mut layers = architecture.names.iter().zip(architecture.nodes);
    let single = |node: &Node| matches!(node.op, Op::BatchNorm(_)) && samples * node.input.len() <= node.input.size(0);
    layers.find(|(_, node)| single(node)).map(|(name, _)| *name)
}

/// Of each batch normalisation: where its statistics are in the parameters, and in `saved`; the values of one channel
/// of a sample; its momentum.
fn normalisations(
    architecture: &Architecture,
) -> impl Iterator<Item = (Range<usize>, Range<usize>, usize, f32)> + use<'_> {
    architecture.nodes.iter().zip(architecture.training).filter_map(|(node, step)| match node.op {
        Op::BatchNorm(op) => {
            let state = step.params + node.op.params(&node.input)..step.params + step.params_len;
            let values = node.input.len() / node.input.size(0);
            Some((state, step.saved..step.saved + step.saved_len, values, op.momentum))
        }
        _ => None,
    })
}
