//! From weights and ranges to bytes: scales, factors, tables, and where they are written.

use alloc::vec;
use alloc::vec::Vec;

use convnet_shape::op::{Activation, Op};
use convnet_shape::plan::Node;
use convnet_shape::plan::integer::{self, Integer, Work};

use super::check::cut;
use super::error::QuantizeError;
use super::layout::{self, HEAD, MAGIC, NAME, RECORD, VERSION};
use super::sums::Sums;
use crate::network::Architecture;
use crate::ops::activation;
use crate::ops::quantized::requantize::{Bounds, MAX_FACTOR, Scale};
use crate::ops::quantized::{conv, depthwise, pointwise, pool};

/// A network while it is quantised.
pub(super) struct Build<'a> {
    architecture: &'a Architecture,
    plan: &'a Integer,
    /// What each layer of sums multiplies with.
    sums: Vec<Option<Sums>>,
    /// For each value the first of those that have the same scale.
    same: Vec<usize>,
    /// For each of these the numbers that it reaches over, and how fine its steps may be.
    ranges: Vec<[f32; 2]>,
    finest: Vec<f32>,
}

impl<'a> Build<'a> {
    /// From canonical parameters and the ranges of all values.
    pub(super) fn new(architecture: &'a Architecture, plan: &'a Integer, params: &[f32], ranges: &[[f32; 2]]) -> Self {
        let nodes = architecture.nodes;
        let mut canonical = params.to_vec();
        crate::prepared::fold_all(architecture, architecture.prepared, &mut canonical);
        let has_sums = |i: usize| matches!(plan.work(i), Work::Sums | Work::Depthwise);
        let sums = (0..nodes.len()).map(|i| has_sums(i).then(|| Sums::new(architecture, i, &canonical))).collect();
        let same = same(plan, nodes);
        let mut own = vec![[0.0_f32; 2]; nodes.len() + 1];
        for (value, root) in same.iter().enumerate() {
            // What is computed anew is stored as the last layer fused into it gives it.
            let stored = match value {
                0 => 0,
                _ => match plan.work(value - 1) {
                    Work::Nothing | Work::Order | Work::Max | Work::Concat | Work::Float | Work::Missing => continue,
                    _ => plan.last(value - 1) + 1,
                },
            };
            let [low, high] = ranges[stored];
            own[*root] = [own[*root][0].min(low), own[*root][1].max(high)];
        }
        Self { architecture, plan, sums, finest: vec![0.0; same.len()], same, ranges: own }
    }

    fn scale(&self, value: usize) -> Scale {
        let root = self.same[value];
        let [low, high] = self.ranges[root];
        Scale::covering(low, high, self.finest[root])
    }

    /// Makes steps coarse enough for the factors to be small: finer than a quarter of a sum's own step they say nothing.
    pub(super) fn settle(&mut self) -> Result<(), QuantizeError> {
        // A value's step asks for those behind it; one that asks for its own, by a `concat`, may never end.
        for _ in 0..=self.same.len() {
            let mut changed = None;
            for i in 0..self.architecture.nodes.len() {
                let (needed, root) = (self.finest_step(i), self.same[i + 1]);
                if self.scale(i + 1).scale < needed {
                    self.finest[root] = needed * 1.001;
                    changed = Some(i);
                }
            }
            match changed {
                None => return Ok(()),
                Some(i) if !self.scale(i + 1).scale.is_finite() => break,
                Some(_) => {}
            }
        }
        let is_too_fine = |i: &usize| self.scale(i + 1).scale < self.finest_step(*i);
        let i = (0..self.same.len() - 1).find(is_too_fine).unwrap_or(0);
        Err(QuantizeError::too_fine(self.architecture, i))
    }

    /// The finest step that the output of layer `i` may have.
    fn finest_step(&self, i: usize) -> f32 {
        let node = &self.architecture.nodes[i];
        let input = f64::from(self.scale(node.reads.first()).scale);
        let step = match self.plan.work(i) {
            Work::Sums | Work::Depthwise => self.sums[i].as_ref().map_or(0.0, |sums| sums.coarsest(input) / MAX_FACTOR),
            // A mean of sums shifted by 8 bits: ratio / 256 < 1/4; and without them there are as many cells.
            Work::Average => input / 32.0,
            Work::Add => node.reads.values().map(|value| f64::from(self.scale(value).scale)).sum::<f64>() / 512.0,
            _ => 0.0,
        };
        step as f32
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let (plan, nodes) = (self.plan, self.architecture.nodes);
        let mut bytes = vec![0; layout::bytes(plan, nodes)];
        let mut data = layout::first_data(nodes.len());
        self.record(&mut bytes, 0, [data, 0]);
        for i in 0..nodes.len() {
            let len = layout::data_len(plan, nodes, i);
            self.data(i, &mut bytes[data..data + len]);
            self.record(&mut bytes, i + 1, [data, len]);
            data += layout::data_room(plan, nodes, i);
        }
        self.head(&mut bytes);
        bytes
    }

    fn head(&self, bytes: &mut [u8]) {
        let (len, checksum) = (bytes.len() as u64, layout::checksum(&bytes[HEAD..]));
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&(self.architecture.nodes.len() as u32).to_le_bytes());
        bytes[16..24].copy_from_slice(&len.to_le_bytes());
        bytes[24..32].copy_from_slice(&layout::fingerprint(self.architecture, self.plan).to_le_bytes());
        bytes[32..40].copy_from_slice(&checksum.to_le_bytes());
        bytes[HEAD - NAME..HEAD].copy_from_slice(&cut(self.architecture.name));
    }

    fn record(&self, bytes: &mut [u8], value: usize, [data, len]: [usize; 2]) {
        let Scale { scale, zero } = self.scale(value);
        let bounds = self.bounds(value);
        let record = &mut bytes[HEAD + value * RECORD..][..RECORD];
        let code = if value == 0 { 0 } else { self.plan.work(value - 1).code() };
        record[..4].copy_from_slice(&[code, zero, bounds.low, bounds.high]);
        record[4..8].copy_from_slice(&scale.to_bits().to_le_bytes());
        for (at, number) in [self.plan.slot(value), data, len].into_iter().enumerate() {
            record[8 + 4 * at..][..4].copy_from_slice(&(number as u32).to_le_bytes());
        }
    }

    /// Between which bytes the layer that makes a value stores it: all, or where the clamp fused into it lies.
    fn bounds(&self, value: usize) -> Bounds {
        let scale = self.scale(value);
        let all = Bounds { zero: scale.zero, low: 0, high: 255 };
        if value == 0 {
            return all;
        }
        match self.architecture.nodes[self.plan.last(value - 1)].op {
            Op::Activation(Activation::Relu) if self.plan.last(value - 1) > value - 1 => {
                Bounds { low: scale.zero, ..all }
            }
            Op::Activation(Activation::Clamp(low, high)) if self.plan.last(value - 1) > value - 1 => {
                Bounds { low: scale.quantize(low), high: scale.quantize(high), ..all }
            }
            _ => all,
        }
    }

    /// What layer `i` has.
    fn data(&self, i: usize, data: &mut [u8]) {
        let node = &self.architecture.nodes[i];
        let (input, output) = (self.scale(node.reads.first()), self.scale(i + 1));
        match self.plan.work(i) {
            Work::Sums | Work::Depthwise => {
                let Some(sums) = &self.sums[i] else { return };
                let (g, (weight, outputs)) = (integer::sums(node), sums.quantize(&input, &output));
                match self.plan.work(i) {
                    Work::Sums => conv::pack(&g, &weight, &outputs, data),
                    _ => depthwise::pack(&g, &weight, &outputs, data),
                }
            }
            Work::Table => table(&node.op, &input, &output, data),
            Work::Average => {
                pool::pack(&integer::pool(node), f64::from(input.scale) / f64::from(output.scale), data);
            }
            Work::Add => {
                let scales: Vec<Scale> = node.reads.values().map(|value| self.scale(value)).collect();
                let ratio = |scale: &Scale| f64::from(scale.scale) / f64::from(output.scale);
                let ratios: Vec<f64> = scales.iter().map(ratio).collect();
                let zeros: Vec<u8> = scales.iter().map(|scale| scale.zero).collect();
                let packed = data.first_chunk_mut().expect("the layout gives a sum its bytes");
                pointwise::Sum::new(&ratios, &zeros, output.zero).write(packed);
            }
            _ => {}
        }
    }
}

/// The function of every byte.
fn table(op: &Op, input: &Scale, output: &Scale, table: &mut [u8]) {
    let Op::Activation(function) = op else { return };
    for (byte, to) in table.iter_mut().enumerate() {
        let mut value = [input.dequantize(byte as u8)];
        activation::apply(*function, &mut value);
        *to = output.quantize(value[0]);
    }
}

/// For each value the first of those that have the same scale: of what copies bytes, input and output.
fn same(plan: &Integer, nodes: &[Node]) -> Vec<usize> {
    let mut same: Vec<usize> = (0..=nodes.len()).collect();
    for (i, node) in nodes.iter().enumerate() {
        match plan.work(i) {
            Work::Nothing | Work::Order | Work::Max | Work::Concat => {
                for value in node.reads.values() {
                    let [a, b] = [same[value], same[i + 1]];
                    let (first, other) = (a.min(b), a.max(b));
                    same.iter_mut().filter(|root| **root == other).for_each(|root| *root = first);
                }
            }
            _ => {}
        }
    }
    same
}
