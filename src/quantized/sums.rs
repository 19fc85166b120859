//! The weights of one layer of sums, quantised output channel by output channel.

use alloc::vec;
use alloc::vec::Vec;

use convnet_shape::op::Op;
use convnet_shape::plan::integer;

use crate::network::Architecture;
use crate::ops::quantized::Output;
use crate::ops::quantized::requantize::{Factor, Scale};

/// Most that a weight is: symmetric, as TensorFlow Lite has it.
const MOST: f64 = 127.0;

/// Most that a bias is before the zero point is taken off: beside 2³⁰ of products it fits 32 bits.
const MOST_BIAS: f64 = (1 << 29) as f64;

/// Weight `[C_out, …]` in the order in which inputs are read, and bias `[C_out]`.
pub(super) struct Sums {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Sums {
    /// Those of layer `i`, from canonical parameters in which normalisations are folded.
    pub(super) fn new(architecture: &Architecture, i: usize, canonical: &[f32]) -> Self {
        let node = &architecture.nodes[i];
        let (weight, bias) = crate::prepared::folded(architecture, architecture.prepared, i, canonical);
        match &node.op {
            // After folding, what is called weight and bias of a normalisation is scale and shift.
            Op::BatchNorm(_) => Self { weight: weight.to_vec(), bias: bias[..weight.len()].to_vec() },
            Op::Normalize { mean, std } => Self {
                weight: std.iter().map(|std| 1.0 / std).collect(),
                bias: mean.iter().zip(*std).map(|(mean, std)| -mean / std).collect(),
            },
            op => {
                let outputs = integer::sums(node).out_channels;
                let weight = match (op, integer::unflattened(architecture.nodes, i)) {
                    (Op::Linear(_), Some(image)) => cells_first(image.size(0), weight, outputs),
                    _ => weight.to_vec(),
                };
                Self { weight, bias: if bias.is_empty() { vec![0.0; outputs] } else { bias.to_vec() } }
            }
        }
    }

    /// The weights of each output, with its bias.
    fn outputs(&self) -> impl Iterator<Item = (&[f32], f32)> {
        self.weight.chunks_exact(self.weight.len() / self.bias.len()).zip(self.bias.iter().copied())
    }

    /// The coarsest step of a sum, s_in · s_w, for inputs of this scale.
    pub(super) fn coarsest(&self, input: f64) -> f64 {
        self.outputs().filter_map(|output| step(output, input)).fold(0.0, |most, step| f64::max(most, input * step))
    }

    /// Weights in bytes, and what each output has beside them.
    pub(super) fn quantize(&self, input: &Scale, output: &Scale) -> (Vec<i8>, Vec<Output>) {
        let mut weights = Vec::with_capacity(self.weight.len());
        let mut outputs = Vec::with_capacity(self.bias.len());
        let scale = f64::from(input.scale);
        for (weight, bias) in self.outputs() {
            let Some(step) = step((weight, bias), scale) else {
                weights.extend(weight.iter().map(|_| 0));
                outputs.push(Output { bias: 0, factor: Factor::new(0.0) });
                continue;
            };
            let first = weights.len();
            weights.extend(weight.iter().map(|w| libm::round(f64::from(*w) / step).clamp(-MOST, MOST) as i8));
            let total: i64 = weights[first..].iter().map(|w| i64::from(*w)).sum();
            let bias = libm::round(f64::from(bias) / (scale * step)) as i64 - i64::from(input.zero) * total;
            let factor = Factor::new(scale * step / f64::from(output.scale));
            outputs.push(Output { bias: bias as i32, factor });
        }
        (weights, outputs)
    }
}

/// s_w of an output: the finest in which its weights are at most 127 and its bias has room; `None` if all are 0.
fn step((weight, bias): (&[f32], f32), input: f64) -> Option<f64> {
    let most = weight.iter().fold(0.0_f64, |most, w| most.max(f64::from(w.abs())));
    let step = (most / MOST).max(f64::from(bias.abs()) / (input * MOST_BIAS));
    (step > 0.0).then_some(step)
}

/// Weight `[out, C · cells]` as `[out, cells · C]`.
fn cells_first(channels: usize, weight: &[f32], outputs: usize) -> Vec<f32> {
    let features = weight.len() / outputs;
    let cells = features / channels;
    let of_output = |row: usize| {
        let weight = &weight[row * features..][..features];
        (0..features).map(move |at| weight[at % channels * cells + at / channels])
    };
    (0..outputs).flat_map(of_output).collect()
}
