//! What runs fused: activations as results are stored, batch normalisations folded into weights.

use super::{Node, Purpose};
use crate::op::{Activation, Op};

/// How often the output of each layer is read.
pub const fn readers<const N: usize>(nodes: &[Node]) -> [usize; N] {
    let mut readers = [0; N];
    let mut i = 0;
    while i < nodes.len() && i < N {
        let reads = &nodes[i].reads;
        let mut path = 0;
        while path < reads.count() {
            if reads.value(path) > 0 {
                readers[reads.value(path) - 1] += 1;
            }
            path += 1;
        }
        i += 1;
    }
    readers
}

/// Whether layer `next` reads the output of the layer before it, and is the only one to do so.
pub const fn follows(nodes: &[Node], readers: &[usize], next: usize) -> bool {
    next > 0
        && next < nodes.len()
        && !nodes[next].op.is_join()
        && nodes[next].reads.first() == next
        && readers[next - 1] == 1
}

/// Whether the batch normalisation directly behind layer `i` is folded into its weight and bias.
///
/// Never across an activation: γ max(0, x) + β is not max(0, γ x + β).
pub const fn folded(nodes: &[Node], readers: &[usize], i: usize) -> bool {
    nodes[i].op.takes_epilogue() && follows(nodes, readers, i + 1) && matches!(nodes[i + 1].op, Op::BatchNorm(_))
}

const fn folds(nodes: &[Node], readers: &[usize], i: usize, purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Packed) && folded(nodes, readers, i)
}

/// The activation behind layer `i` that it applies itself, unless backward needs what is between them.
pub const fn epilogue(nodes: &[Node], readers: &[usize], i: usize, purpose: Purpose) -> Option<Activation> {
    let next = if folds(nodes, readers, i, purpose) { i + 2 } else { i + 1 };
    if !nodes[i].op.takes_epilogue() || !follows(nodes, readers, next) {
        return None;
    }
    match nodes[next].op.epilogue() {
        Some(activation) if matches!(purpose, Purpose::Training) && !activation.derives_from_output() => None,
        epilogue => epilogue,
    }
}

/// Whether a layer before layer `i` does its work.
pub const fn fused(nodes: &[Node], readers: &[usize], i: usize, purpose: Purpose) -> bool {
    if i > 0 && folds(nodes, readers, i - 1, purpose) {
        return true;
    }
    if matches!(nodes[i].op, Op::BatchNorm(_)) {
        return false;
    }
    (i > 0 && !folds(nodes, readers, i - 1, purpose) && epilogue(nodes, readers, i - 1, purpose).is_some())
        || (i > 1 && folds(nodes, readers, i - 2, purpose) && epilogue(nodes, readers, i - 2, purpose).is_some())
}
