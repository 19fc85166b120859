//! A network in f64, layer by layer from its architecture through the textbook operations: what central differences
//! are taken of.

use convnet::ops::{dropout, reference};
use convnet::{Architecture, ops};
use convnet_shape::op::{Op, Reduce};
use convnet_shape::plan::Node;

/// The outputs `[N, output]` for inputs `[N, input]` and canonical parameters; `mask_seed` gives the seed of the
/// dropout mask of a layer.
pub fn forward(
    architecture: &Architecture,
    batch: usize,
    params: &[f64],
    input: &[f64],
    mask_seed: &dyn Fn(usize) -> u64,
) -> Vec<f64> {
    let mut params = params;
    let mut value = input.to_vec();
    for (index, node) in architecture.nodes.iter().enumerate() {
        let (own, rest) = params.split_at(node.op.params(&node.input));
        params = rest;
        value = layer(node, batch, own, value, || mask_seed(index));
    }
    value
}

fn layer(node: &Node, batch: usize, params: &[f64], mut value: Vec<f64>, mask_seed: impl Fn() -> u64) -> Vec<f64> {
    let mut output = vec![0.0; batch * node.output.len()];
    let (weight, bias) = params.split_at(node.op.weight(&node.input).len());
    match &node.op {
        Op::Conv(op) => {
            reference::conv_forward(&op.geometry(&node.input), batch, &value, weight, bias, &mut output);
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
        Op::GlobalAvgPool => {
            let cells = node.input.len() / node.input.size(0);
            reference::global_average_forward(cells, &value, &mut output);
        }
        Op::Flatten => return value,
        Op::Activation(activation) => {
            let activation: ops::Activation = *activation;
            reference::activation_forward(activation, &mut value);
            return value;
        }
        Op::Softmax => {
            reference::softmax(node.output.len(), &mut value);
            return value;
        }
        Op::Dropout(probability) => {
            let (seed, scale) = (mask_seed(), 1.0 / (1.0 - f64::from(*probability)));
            for (index, x) in value.iter_mut().enumerate() {
                *x *= if dropout::kept(*probability, seed, index) { scale } else { 0.0 };
            }
            return value;
        }
    }
    output
}
