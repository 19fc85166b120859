//! A network in f64, layer by layer from its architecture through the textbook operations: what central differences
//! are taken of.

use convnet::Architecture;
use convnet::ops::{dropout, reference};
use convnet_shape::op::{Op, Reduce};
use convnet_shape::plan::Node;

/// The outputs `[N, output]` for inputs `[N, input]` and canonical parameters; `mask_seed` gives the seed of the
/// dropout mask of a layer in training, `None` means inference: no dropout, running statistics.
pub fn forward(
    architecture: &Architecture,
    batch: usize,
    params: &[f64],
    input: &[f64],
    mask_seed: Option<&dyn Fn(usize) -> u64>,
) -> Vec<f64> {
    let mut params = params;
    let mut values = vec![input.to_vec()];
    for (index, node) in architecture.nodes.iter().enumerate() {
        let (own, rest) = params.split_at(node.op.stored(&node.input));
        params = rest;
        let value = match node.op.is_join() {
            true => join(node, batch, &node.reads.values().map(|value| values[value].as_slice()).collect::<Vec<_>>()),
            false => layer(node, batch, own, values[node.reads.first()].clone(), mask_seed.map(|seed| seed(index))),
        };
        values.push(value);
    }
    values.pop().expect("at least the input")
}

fn join(node: &Node, batch: usize, paths: &[&[f64]]) -> Vec<f64> {
    if let Op::Add = node.op {
        return (0..paths[0].len()).map(|i| paths.iter().map(|path| path[i]).sum()).collect();
    }
    let sample = |n: usize| paths.iter().flat_map(move |path| path.chunks(path.len() / batch).nth(n).unwrap_or(&[]));
    (0..batch).flat_map(sample).copied().collect()
}

fn layer(node: &Node, batch: usize, params: &[f64], mut value: Vec<f64>, mask_seed: Option<u64>) -> Vec<f64> {
    let mut output = vec![0.0; batch * node.output.len()];
    let (weight, bias) = params.split_at(node.op.weight(&node.input).len());
    let channels = node.input.size(0);
    let cells = node.input.len() / channels;
    match &node.op {
        Op::Conv(op) => reference::conv_forward(&op.geometry(&node.input), batch, &value, weight, bias, &mut output),
        Op::ConvTranspose(op) => {
            reference::conv_transposed(&op.geometry(&node.input), batch, &value, weight, bias, &mut output);
        }
        Op::Linear(op) => {
            reference::linear_forward(&op.geometry(&node.input), batch, &value, weight, bias, &mut output);
        }
        Op::Pool(op) => {
            let forward = match op.reduce {
                Reduce::Max => reference::max_pool_forward,
                Reduce::Average => reference::average_pool_forward,
            };
            forward(&op.geometry(&node.input), batch, &value, &mut output);
        }
        Op::GlobalPool(Reduce::Average) => reference::global_average_forward(cells, &value, &mut output),
        Op::GlobalPool(Reduce::Max) => reference::global_max_forward(cells, &value, &mut output),
        Op::Permute(permutation) => {
            reference::permute_forward(permutation, &node.input, batch, &value, &mut output);
        }
        Op::Lrn(op) => reference::lrn_forward(op, [channels, cells], &value, &mut output),
        Op::BatchNorm(op) => {
            let (beta, running) = bias.split_at(channels);
            let mut statistics = running.to_vec();
            if mask_seed.is_some() {
                // Training: the statistics are those of the batch, whatever the running ones are.
                reference::batch_statistics(cells, &value, &mut statistics);
            }
            reference::batch_norm_forward(cells, op.epsilon, weight, beta, &statistics, &value, &mut output);
        }
        in_place => {
            let sizes = [channels, cells];
            match in_place {
                Op::Activation(activation) => reference::activation_forward(*activation, &mut value),
                Op::Prelu { per_channel: true } => reference::prelu_forward(cells, weight, &mut value),
                Op::Prelu { .. } => reference::prelu_forward(channels * cells, weight, &mut value),
                Op::Softmax => reference::channel_softmax(sizes, &mut value),
                Op::LogSoftmax => reference::channel_log_softmax(sizes, &mut value),
                Op::Normalize { mean, std } => {
                    let wide = |values: &[f32]| values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
                    reference::normalize_forward(cells, &wide(mean), &wide(std), &mut value);
                }
                Op::Dropout(probability) => {
                    mask_seed.into_iter().for_each(|seed| drop_values(*probability, seed, &mut value));
                }
                _ => {} // flatten, reshape: the same values
            }
            return value;
        }
    }
    output
}

fn drop_values(probability: f32, seed: u64, values: &mut [f64]) {
    let scale = 1.0 / (1.0 - f64::from(probability));
    for (index, x) in values.iter_mut().enumerate() {
        *x *= if dropout::kept(probability, seed, index) { scale } else { 0.0 };
    }
}
