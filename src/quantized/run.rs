//! Running the bytes: layer by layer, each value where its record says.

use core::ops::Range;

use convnet_shape::graph::Reads;
use convnet_shape::op::Op;
use convnet_shape::plan::Node;
use convnet_shape::plan::integer::{self, SLACK, Work};

use super::layout::{HEAD, RECORD, u32_at};
use crate::network::Architecture;
use crate::ops::quantized::pointwise::{self, MAX_PATHS, Sum};
use crate::ops::quantized::requantize::{Bounds, Scale};
use crate::ops::quantized::{conv, depthwise, order, pool};
use crate::ops::softmax;
use crate::simd::Isa;

/// What is known of a value, and of the layer that makes it.
#[derive(Clone, Copy)]
struct Record<'a> {
    work: u8,
    bounds: Bounds,
    scale: Scale,
    slot: usize,
    data: &'a [u8],
}

/// A network that is run.
pub(super) struct Run<'a> {
    pub architecture: &'static Architecture,
    pub bytes: &'a [u8],
    pub isa: Isa,
}

const APART: &str = "the plan keeps what is alive apart";

impl<'a> Run<'a> {
    fn record(&self, value: usize) -> Record<'a> {
        let at = HEAD + value * RECORD;
        let [work, zero, low, high] = [0, 1, 2, 3].map(|byte| self.bytes[at + byte]);
        let [slot, data, len] = [8, 12, 16].map(|byte| u32_at(self.bytes, at + byte) as usize);
        Record {
            work,
            bounds: Bounds { zero, low, high },
            scale: Scale { scale: f32::from_bits(u32_at(self.bytes, at + 4)), zero },
            slot,
            data: &self.bytes[data..data + len],
        }
    }

    /// Value `value` has so many values, and channels.
    fn len(&self, value: usize) -> usize {
        if value == 0 { self.architecture.input.len() } else { self.architecture.nodes[value - 1].output.len() }
    }

    fn channels(&self, value: usize) -> usize {
        if value == 0 { self.architecture.input.size(0) } else { self.architecture.nodes[value - 1].output.size(0) }
    }

    /// Its bytes in the arena.
    fn range(&self, value: usize) -> Range<usize> {
        let slot = self.record(value).slot;
        slot..slot + self.len(value)
    }

    /// The scale of the input.
    pub(super) fn input(&self) -> Scale {
        self.record(0).scale
    }

    /// Input `[C, …]`, quantised into the arena.
    pub(super) fn enter(&self, input: &[f32], arena: &mut [u8]) {
        order::quantize(self.channels(0), &self.input(), input, &mut arena[self.range(0)]);
    }

    /// Input `[…, C]` of bytes, copied into the arena.
    pub(super) fn enter_bytes(&self, input: &[u8], arena: &mut [u8]) {
        arena[self.range(0)].copy_from_slice(input);
    }

    /// All layers; the kernels' own memory is behind the `slots` bytes of the values.
    pub(super) fn layers(&self, slots: usize, arena: &mut [u8]) {
        let (slots, scratch) = arena.split_at_mut(slots);
        for i in 0..self.architecture.nodes.len() {
            self.layer(i, slots, scratch);
        }
    }

    fn layer(&self, i: usize, arena: &mut [u8], scratch: &mut [u8]) {
        let node = &self.architecture.nodes[i];
        let own = self.record(i + 1);
        let from = node.reads.first();
        let (input, zero) = (self.range(from), self.record(from).scale.zero);
        let (bounds, isa) = (own.bounds, self.isa);
        let output = own.slot..own.slot + node.output.len();
        match own.work {
            WORK_SUMS | WORK_DEPTHWISE => {
                let (input, output) = apart(arena, input, output);
                let forward = if own.work == WORK_SUMS { conv::forward } else { depthwise::forward };
                forward(&integer::sums(node), input, zero, own.data, bounds, output, scratch, isa);
            }
            WORK_TABLE => table(own.data, arena, input, output),
            WORK_MAX => {
                let (input, output) = apart(arena, input, output);
                pool::max_forward(&integer::pool(node), input, output, isa);
            }
            WORK_AVERAGE => {
                let (input, output) = apart(arena, input, output);
                pool::average_forward(&integer::pool(node), input, zero, own.data, bounds, output, isa);
            }
            WORK_ADD => self.add(node, own, arena),
            WORK_CONCAT => self.concat(node, output, arena),
            WORK_ORDER => {
                let (input, output) = apart(arena, input, output);
                match &node.op {
                    Op::Permute(permutation) => order::permute(permutation, &node.input, input, output),
                    _ => order::reshape(&node.input, &node.output, input, output),
                }
            }
            _ => {}
        }
    }

    fn add(&self, node: &Node, own: Record<'_>, arena: &mut [u8]) {
        let mut paths = [0; MAX_PATHS];
        for (path, value) in paths.iter_mut().zip(node.reads.values()) {
            *path = self.record(value).slot;
        }
        let sum = Sum::read(own.data.first_chunk().expect("the layout gives a sum its bytes"));
        let paths = &paths[..node.reads.count()];
        pointwise::add(&sum, arena, paths, own.slot, node.output.len(), own.bounds, self.isa);
    }

    fn concat(&self, node: &Node, output: Range<usize>, arena: &mut [u8]) {
        let mut first = 0;
        for value in node.reads.values() {
            let channels = self.channels(value);
            let [path, output] = arena.get_disjoint_mut([self.range(value), output.clone()]).expect(APART);
            pointwise::concat([channels, first, node.output.size(0)], path, output);
            first += channels;
        }
    }

    /// The outputs as floats, `[C, …]`, one head behind the other, with what is done to them in floats.
    pub(super) fn leave(&self, arena: &[u8], output: &mut [f32]) {
        let nodes = self.architecture.nodes;
        let heads = match nodes[nodes.len() - 1] {
            Node { op: Op::Heads, reads, .. } => reads,
            _ => Reads::one(nodes.len()),
        };
        let mut rest = output;
        for head in heads.values() {
            let float = (head > 0 && self.record(head).work == WORK_FLOAT).then(|| &nodes[head - 1]);
            let value = float.map_or(head, |node| node.reads.first());
            let (own, other) = rest.split_at_mut(self.len(value));
            let (channels, record) = (self.channels(value), self.record(value));
            order::dequantize(channels, &record.scale, &arena[self.range(value)], own);
            let sizes = [channels, own.len() / channels];
            match float.map(|node| &node.op) {
                Some(Op::Softmax) => softmax::channel_forward(sizes, own),
                Some(Op::LogSoftmax) => softmax::channel_log_forward(sizes, own),
                _ => {}
            }
            rest = other;
        }
    }
}

const WORK_SUMS: u8 = Work::Sums.code();
const WORK_DEPTHWISE: u8 = Work::Depthwise.code();
const WORK_TABLE: u8 = Work::Table.code();
const WORK_MAX: u8 = Work::Max.code();
const WORK_AVERAGE: u8 = Work::Average.code();
const WORK_ADD: u8 = Work::Add.code();
const WORK_CONCAT: u8 = Work::Concat.code();
const WORK_ORDER: u8 = Work::Order.code();
const WORK_FLOAT: u8 = Work::Float.code();

/// Two values in the arena, with the slack behind them.
fn apart(arena: &mut [u8], input: Range<usize>, output: Range<usize>) -> (&[u8], &mut [u8]) {
    let ranges = [input, output].map(|range| range.start..range.end + SLACK);
    let [input, output] = arena.get_disjoint_mut(ranges).expect(APART);
    (input, output)
}

/// Output ← table of each byte of the input, which may be where the output is.
fn table(table: &[u8], arena: &mut [u8], input: Range<usize>, output: Range<usize>) {
    let table = table.first_chunk().expect("the layout gives a table its bytes");
    let to = output.start;
    arena.copy_within(input, to);
    pointwise::apply_table(table, &mut arena[output]);
}
