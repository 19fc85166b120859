//! The plan of a network in whole numbers: what each layer becomes, and where the bytes of its values live.
//!
//! Values are bytes, channels last: `[D][H][W][C]`. All of them lie in one arena, the quantised input too; the caller's
//! floats are at the doors only. A value of more than one channel that is flattened changes its order, unless none but
//! linear layers read it, whose weights are packed in the order of the bytes.

use super::allocate::reused;
use super::fuse::{folded, follows, readers};
use super::share::Shared;
use super::{Node, allocate, max};
use crate::dims::Dims;
use crate::geometry::{Axis, Conv, Pool};
use crate::graph::{MAX_PATHS, Reads};
use crate::op::{Activation, Op, Reduce};

/// Most layers of a network in whole numbers.
pub const MAX_LAYERS: usize = 1022;

/// Layers, the input before them and the exit behind them.
const VALUES: usize = MAX_LAYERS + 2;

/// Bytes behind every value that kernels may read, and write with what nobody reads: the rest of a vector of 16.
pub const SLACK: usize = 15;

/// Most products in one sum: 2¹⁵ · 255 · 127 < 2³⁰, and as much again for the bias fits 32 bits.
pub const MAX_TAPS: usize = 1 << 15;

/// What a layer becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing: its values are those it reads, or the layer before it does its work.
    Nothing,
    /// Sums of products: a convolution or a linear layer.
    Sums,
    /// A convolution of each channel by itself, which normalisation is too.
    Depthwise,
    /// A table of 256 bytes.
    Table,
    /// The largest value under a window.
    Max,
    /// The mean of the values under a window.
    Average,
    /// A sum of paths.
    Add,
    /// Channels of paths in a row.
    Concat,
    /// The same values in another order.
    Order,
    /// Floats: what is done to the outputs behind the exit.
    Float,
    /// What there is no kernel for.
    Missing,
}

impl Work {
    /// What stands for it in a file.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Whether it stores what it has computed anew, and so can clamp it.
    const fn stores(self) -> bool {
        matches!(self, Work::Sums | Work::Depthwise | Work::Average | Work::Add)
    }
}

/// The plan. Value 0 is the input, the output of layer i value i + 1.
#[derive(Clone, Copy, Debug)]
pub struct Integer {
    work: [Work; VALUES],
    last: [u16; VALUES],
    slots: [u32; VALUES],
    len: usize,
    /// Bytes of the arena.
    pub arena: usize,
    /// The first layer that has no integer kernel.
    pub refused: Option<usize>,
}

impl Integer {
    /// Plans a network. Total: one that has a layer without integer kernel, or too many, gets a plan that says so.
    pub const fn new(nodes: &[Node]) -> Self {
        let refused = if nodes.len() > MAX_LAYERS { Some(MAX_LAYERS) } else { None };
        let len = if nodes.len() > MAX_LAYERS { MAX_LAYERS } else { nodes.len() };
        let nodes = nodes.split_at(len).0;
        let readers = readers::<VALUES>(nodes);
        let mut plan =
            Self { work: [Work::Nothing; VALUES], last: [0; VALUES], slots: [0; VALUES], len, arena: 0, refused };
        let mut i = 0;
        while i < len {
            plan.work[i] = work(nodes, &readers, i);
            if matches!(plan.work[i], Work::Missing) && plan.refused.is_none() {
                plan.refused = Some(i);
            }
            plan.last[i] = i as u16;
            i += 1;
        }
        i = 0;
        while i < len {
            let last = plan.last_fused(nodes, &readers, i);
            // What the layer does itself is nothing in its place.
            let mut fused = i + 1;
            while fused <= last {
                plan.work[fused] = Work::Nothing;
                fused += 1;
            }
            plan.last[i] = last as u16;
            i = last + 1;
        }
        plan.allocate(nodes);
        plan
    }

    /// What layer `i` becomes.
    pub const fn work(&self, i: usize) -> Work {
        self.work[i]
    }

    /// The last layer whose work layer `i` does too: the folded normalisation and the clamp behind it.
    pub const fn last(&self, i: usize) -> usize {
        self.last[i] as usize
    }

    /// First byte of value `value` in the arena.
    pub const fn slot(&self, value: usize) -> usize {
        self.slots[value] as usize
    }

    /// How many layers.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no layer.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    const fn last_fused(&self, nodes: &[Node], readers: &[usize], i: usize) -> usize {
        if !self.work[i].stores() {
            return i;
        }
        let last = if folded(nodes, readers, i) { i + 1 } else { i };
        let clamps = follows(nodes, readers, last + 1)
            && matches!(nodes[last + 1].op, Op::Activation(Activation::Relu | Activation::Clamp(..)));
        if clamps { last + 1 } else { last }
    }

    /// Places for all values: the planner of floats on layers that say bytes.
    const fn allocate(&mut self, nodes: &[Node]) {
        let shifted = self.shifted(nodes);
        let shifted = shifted.split_at(self.len + 2).0;
        let shared = self.shared(nodes, shifted);
        let bound = allocate::bound(shifted, &shared);
        let slots = reused(shifted, &shared, bound);
        self.arena = slots.len;
        let mut value = 0;
        while value <= self.len {
            self.slots[value] = slots.first[shared.root[value]] as u32;
            value += 1;
        }
    }

    /// The layers with the input before them, so that it has a place, and the exit behind them.
    const fn shifted(&self, nodes: &[Node]) -> [Node; VALUES] {
        let input = Node {
            op: Op::Flatten,
            reads: Reads::one(0),
            input: Dims::new(&[0]),
            output: bytes(if self.len == 0 { 0 } else { nodes[0].input.len() }),
            scratch: [0; 2],
            packed: 0,
        };
        let mut shifted = [input; VALUES];
        let mut i = 0;
        while i < self.len {
            let output = match self.work[i] {
                Work::Float => Dims::new(&[0]),
                _ => bytes(nodes[i].output.len()),
            };
            let reads = shift(&nodes[i].reads);
            shifted[i + 1] = Node { reads, output, ..input };
            i += 1;
        }
        shifted[self.len + 1] = Node { reads: shift(&self.exits(nodes)), output: Dims::new(&[0]), ..input };
        shifted
    }

    /// The values that leave the arena as floats.
    pub const fn exits(&self, nodes: &[Node]) -> Reads {
        if self.len == 0 {
            return Reads::one(0);
        }
        let last = &nodes[self.len - 1];
        let heads = if let Op::Heads = last.op { last.reads } else { Reads::one(self.len) };
        let mut values = [0; MAX_PATHS];
        let mut path = 0;
        while path < heads.count() {
            let value = heads.value(path);
            let is_float = value > 0 && matches!(self.work[value - 1], Work::Float);
            values[path] = if is_float { nodes[value - 1].reads.first() } else { value };
            path += 1;
        }
        Reads::all(values.split_at(path).0)
    }

    /// Values in one memory: those of layers without work, and of layers that write where they read.
    const fn shared(&self, nodes: &[Node], shifted: &[Node]) -> Shared<VALUES> {
        let mut shared = Shared { root: [0; VALUES], offset: [0; VALUES], len: shifted.len() };
        // For each value the one whose bytes it is, and how often work reads those.
        let mut same = [0; VALUES];
        let mut uses = [0; VALUES];
        let mut value = 1;
        while value < shifted.len() {
            let reads = &shifted[value].reads;
            let exit = value == shifted.len() - 1;
            if !exit && matches!(self.work[value - 1], Work::Nothing) {
                same[value] = same[reads.first() - 1];
            } else {
                same[value] = value;
                let mut path = 0;
                while path < reads.count() {
                    uses[same[reads.value(path) - 1]] += 1;
                    path += 1;
                }
            }
            value += 1;
        }
        value = 1;
        while value < shifted.len() {
            shared.root[value] = value;
            if value <= nodes.len() {
                let from = shifted[value].reads.first() - 1;
                let in_place = match self.work[value - 1] {
                    Work::Nothing => true,
                    Work::Table | Work::Add => uses[same[from]] == 1,
                    _ => false,
                };
                if in_place {
                    shared.root[value] = shared.root[from];
                }
            }
            value += 1;
        }
        shared
    }
}

/// A value's bytes, with what kernels read behind it.
const fn bytes(len: usize) -> Dims {
    Dims::new(&[len.saturating_add(SLACK)])
}

/// The same values when another stands before them.
const fn shift(reads: &Reads) -> Reads {
    let mut values = [0; MAX_PATHS];
    let mut path = 0;
    while path < reads.count() {
        values[path] = reads.value(path) + 1;
        path += 1;
    }
    Reads::all(values.split_at(path).0)
}

/// What layer `i` becomes by itself.
const fn work(nodes: &[Node], readers: &[usize], i: usize) -> Work {
    let node = &nodes[i];
    match &node.op {
        Op::Conv(_) | Op::Linear(_) => {
            let g = sums(node);
            if g.taps() > MAX_TAPS {
                return Work::Missing;
            }
            if g.groups > 1 && g.groups == g.in_channels && g.groups == g.out_channels {
                Work::Depthwise
            } else {
                Work::Sums
            }
        }
        Op::BatchNorm(_) | Op::Normalize { .. } => Work::Depthwise,
        Op::Activation(_) => Work::Table,
        Op::Pool(op) => match op.reduce {
            Reduce::Max => Work::Max,
            Reduce::Average => Work::Average,
        },
        Op::GlobalPool(Reduce::Max) => Work::Max,
        Op::GlobalPool(Reduce::Average) => Work::Average,
        Op::Dropout(_) => Work::Nothing,
        Op::Flatten if keeps_order(nodes, i) => Work::Nothing,
        Op::Flatten | Op::Reshape(_) | Op::Permute(_) => Work::Order,
        Op::Add => Work::Add,
        Op::Concat => Work::Concat,
        Op::Softmax | Op::LogSoftmax if is_exit(nodes, readers, i) => Work::Float,
        Op::Heads if i + 1 == nodes.len() => Work::Float,
        _ => Work::Missing,
    }
}

/// Whether nothing but the exit reads the output of layer `i`.
const fn is_exit(nodes: &[Node], readers: &[usize], i: usize) -> bool {
    let last = nodes.len() - 1;
    let by_heads = matches!(nodes[last].op, Op::Heads) && nodes[last].reads.times(i + 1) == 1;
    (i == last && readers[i] == 0) || (by_heads && readers[i] == 1)
}

/// Whether flattening in layer `i` leaves the bytes as they lie: one channel or one cell, or only linear layers read it.
const fn keeps_order(nodes: &[Node], i: usize) -> bool {
    let input = &nodes[i].input;
    input.size(0) == 1 || input.size(0) == input.len() || only_linear_reads(nodes, i + 1)
}

/// Whether only linear layers read this value, perhaps behind functions of each value by itself; at least one does.
const fn only_linear_reads(nodes: &[Node], value: usize) -> bool {
    let mut some = false;
    let mut i = value;
    while i < nodes.len() {
        if nodes[i].reads.times(value) > 0 {
            match &nodes[i].op {
                Op::Linear(_) => some = true,
                Op::Dropout(_) | Op::Activation(_) if only_linear_reads(nodes, i + 1) => some = true,
                _ => return false,
            }
        }
        i += 1;
    }
    some
}

/// The sizes of the image whose bytes, channels last, linear layer `i` reads as if it were flat; `None` if they lie as the
/// weights say.
pub const fn unflattened(nodes: &[Node], i: usize) -> Option<Dims> {
    let mut value = nodes[i].reads.first();
    while value > 0 {
        let node = &nodes[value - 1];
        match node.op {
            Op::Dropout(_) | Op::Activation(_) => value = node.reads.first(),
            Op::Flatten if keeps_order(nodes, value - 1) => return Some(node.input),
            _ => return None,
        }
    }
    None
}

/// The convolution that a layer of [`Work::Sums`] or [`Work::Depthwise`] is.
pub const fn sums(node: &Node) -> Conv {
    match &node.op {
        Op::Conv(op) => op.geometry(&node.input),
        Op::Linear(op) => Conv {
            in_channels: node.input.len(),
            out_channels: op.out_features,
            groups: 1,
            bias: op.bias,
            axes: [Axis::UNIT; 3],
        },
        _ => {
            let channels = max(node.input.size(0), 1);
            let cells = node.input.len() / channels;
            let row = Axis { input: cells, output: cells, ..Axis::UNIT };
            let axes = [Axis::UNIT, Axis::UNIT, row];
            Conv { in_channels: channels, out_channels: channels, groups: channels, bias: true, axes }
        }
    }
}

/// The pool that a layer of [`Work::Max`] or [`Work::Average`] is; over all cells for a global one.
pub const fn pool(node: &Node) -> Pool {
    if let Op::Pool(op) = &node.op {
        return op.geometry(&node.input);
    }
    let channels = max(node.input.size(0), 1);
    let cells = node.input.len() / channels;
    let row = Axis { input: cells, output: 1, kernel: cells, ..Axis::UNIT };
    Pool { channels, count_include_pad: false, axes: [Axis::UNIT, Axis::UNIT, row] }
}
