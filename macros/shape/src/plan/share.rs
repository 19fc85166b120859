//! Which values share memory.

use super::{Node, Purpose};
use crate::op::Op;

/// For each layer the layer whose output's memory its own output lies in, and where in a sample of it.
pub struct Shared<const N: usize> {
    /// The layer whose output is all of that memory.
    pub root: [usize; N],
    /// Where the value begins in it.
    pub offset: [usize; N],
    /// How many layers.
    pub len: usize,
}

impl<const N: usize> Shared<N> {
    /// Whether this memory is the caller's output.
    pub const fn is_output(&self, root: usize) -> bool {
        self.len > 0 && self.root[self.len - 1] == root
    }
}

/// Values that share memory; `readers` says how often each layer's output is read.
pub const fn share<const N: usize>(nodes: &[Node], readers: &[usize; N], purpose: Purpose) -> Shared<N> {
    let mut shared = share_no_path(nodes, readers, purpose);
    if matches!(purpose, Purpose::Training) {
        return shared;
    }
    let mut paths = Paths { join: [usize::MAX; N], position: [0; N] };
    let mut i = 0;
    while i < nodes.len() {
        if let Op::Concat | Op::Heads = nodes[i].op {
            paths.place(nodes, readers, &shared, i);
        }
        i += 1;
    }
    // Paths of paths, down to memory of its own.
    let own = shared.root;
    i = 0;
    while i < nodes.len() {
        let mut root = own[i];
        while paths.join[root] != usize::MAX {
            shared.offset[i] += paths.position[root];
            root = own[paths.join[root]];
        }
        shared.root[i] = root;
        i += 1;
    }
    shared
}

/// For each memory that is a path of a `concat` or of `heads`: the join, and where in its output the path stands.
struct Paths<const N: usize> {
    join: [usize; N],
    position: [usize; N],
}

impl<const N: usize> Paths<N> {
    /// The paths of layer `join` that can be written where the joined value has them: not those whose value is read
    /// elsewhere too, which would keep all of the joined value's memory alive for long. Those are copied.
    const fn place(&mut self, nodes: &[Node], readers: &[usize; N], shared: &Shared<N>, join: usize) {
        let reads = &nodes[join].reads;
        let mut position = 0;
        let mut path = 0;
        while path < reads.count() {
            let value = reads.value(path);
            // The first layer reads the network's input.
            let len = if value == 0 { nodes[0].input.len() } else { nodes[value - 1].output.len() };
            if value > 0 && readers[value - 1] == 1 {
                let root = shared.root[value - 1];
                self.join[root] = join;
                self.position[root] = position;
            }
            position += len;
            path += 1;
        }
    }
}

/// Values that share memory because a layer works in place.
pub const fn share_no_path<const N: usize>(nodes: &[Node], readers: &[usize; N], purpose: Purpose) -> Shared<N> {
    let mut shared = Shared { root: [0; N], offset: [0; N], len: nodes.len() };
    let mut i = 0;
    while i < nodes.len() {
        shared.root[i] = match overwrites(nodes, readers, &shared, i, purpose) {
            Some(before) => shared.root[before],
            None => i,
        };
        i += 1;
    }
    shared
}

/// The layer whose output layer `i` writes over.
const fn overwrites<const N: usize>(
    nodes: &[Node],
    readers: &[usize; N],
    shared: &Shared<N>,
    i: usize,
    purpose: Purpose,
) -> Option<usize> {
    let (op, reads) = (&nodes[i].op, &nodes[i].reads);
    if let (Op::Add, false) = (op, matches!(purpose, Purpose::Training)) {
        // Into the path that was made last: it is the most likely to be in a cache.
        let mut path = reads.count();
        while path > 0 {
            path -= 1;
            let value = reads.value(path);
            if value > 0 && readers[value - 1] == 1 {
                return Some(value - 1);
            }
        }
        return None;
    }
    if !op.in_place() || reads.first() == 0 || readers[reads.first() - 1] > 1 {
        return None;
    }
    let before = reads.first() - 1;
    match purpose {
        Purpose::Training if !loses_nothing(nodes, shared, i) => None,
        _ => Some(before),
    }
}

/// Whether layer `i` may overwrite what it reads although backward follows.
///
/// tanh′ = 1 − y² needs the y of the tanh, so the dropout behind it writes elsewhere; GELU needs its own input, so it
/// writes elsewhere too. Convolutions and pools need their input, never their output, so what follows them may overwrite
/// that.
const fn loses_nothing<const N: usize>(nodes: &[Node], shared: &Shared<N>, i: usize) -> bool {
    if nodes[i].op.is_view() {
        return true;
    }
    if nodes[i].op.backward_reads_input() {
        return false;
    }
    // Back through everything that wrote the same values.
    let mut before = i;
    while nodes[before].reads.first() > 0 {
        before = nodes[before].reads.first() - 1;
        if nodes[before].op.backward_reads_output() {
            return false;
        }
        if shared.root[before] == before {
            return true;
        }
    }
    true
}
