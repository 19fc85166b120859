//! The graph on candle's tensors.

use std::collections::HashMap;

use candle_core::{Device, Result, Tensor, Var};
use versus_protocol::{Graph, Operation, Weights};

/// A graph and its weights.
pub struct Model {
    graph: Graph,
    weights: HashMap<String, Tensor>,
    variables: Vec<Var>,
}

impl Model {
    /// A model; its weights are variables if it is to be trained.
    pub fn new(graph: Graph, weights: Weights, train: bool) -> Result<Self> {
        let mut model = Self { graph, weights: HashMap::new(), variables: Vec::new() };
        for (name, (shape, values)) in weights.0 {
            let mut tensor = Tensor::from_vec(values, shape, &Device::Cpu)?;
            if train {
                let variable = Var::from_tensor(&tensor)?;
                tensor = variable.as_tensor().clone();
                model.variables.push(variable);
            }
            model.weights.insert(name, tensor);
        }
        Ok(model)
    }

    /// What is trained.
    pub fn variables(&self) -> &[Var] {
        &self.variables
    }

    /// The output for an input.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let mut values = HashMap::from([("x", input.clone())]);
        for operation in &self.graph.operations {
            let output = self.run(operation, &values)?;
            values.insert(&operation.output, output);
        }
        Ok(values.remove(self.graph.output.as_str()).expect("the graph gives its output"))
    }

    fn run(&self, operation: &Operation, values: &HashMap<&str, Tensor>) -> Result<Tensor> {
        let x = &values[operation.inputs[0].as_str()];
        let size = |name| operation.size(name);
        match operation.kind.as_str() {
            "conv2d" => {
                let (weight, bias) = self.parameters(operation);
                assert_eq!(size("sh"), size("sw"), "candle has one stride for both axes");
                // One padding for both axes, too.
                let (x, padding) = if size("ph") == size("pw") {
                    (x.clone(), size("ph"))
                } else {
                    (pad(x, size("ph"), size("pw"))?, 0)
                };
                let y = x.conv2d(weight, padding, size("sh"), 1, size("groups"))?;
                y.broadcast_add(&bias.reshape((1, bias.elem_count(), 1, 1))?)
            }
            "conv1d" => {
                let (weight, bias) = self.parameters(operation);
                let y = x.conv1d(weight, size("p"), size("s"), 1, 1)?;
                y.broadcast_add(&bias.reshape((1, bias.elem_count(), 1))?)
            }
            "linear" => {
                let (weight, bias) = self.parameters(operation);
                x.matmul(&weight.t()?)?.broadcast_add(bias)
            }
            "relu" => x.relu(),
            "max_pool" => {
                let (k, s, p) = (size("k"), size("s"), size("p"));
                // candle pools without padding. All pools here stand behind a ReLU, where zeros are neutral.
                pad(x, p, p)?.max_pool2d_with_stride((k, k), (s, s))
            }
            "global_avg_pool" => x.mean_keepdim(3)?.mean_keepdim(2),
            "lrn" => {
                let (n, channels) = (size("size"), x.dim(1)?);
                let squares = x.sqr()?.pad_with_zeros(1, n / 2, n / 2)?;
                let mut sum = squares.narrow(1, 0, channels)?;
                for i in 1..n {
                    sum = (sum + squares.narrow(1, i, channels)?)?;
                }
                let sum = sum.affine(operation.number("alpha") / n as f64, operation.number("bias"))?;
                x.broadcast_div(&sum.powf(operation.number("beta"))?)
            }
            "concat" => {
                let paths: Vec<&Tensor> = operation.inputs.iter().map(|name| &values[name.as_str()]).collect();
                Tensor::cat(&paths, 1)
            }
            "flatten" => x.flatten_from(1),
            kind => panic!("the graph has an unknown operation, {kind}"),
        }
    }

    fn parameters(&self, operation: &Operation) -> (&Tensor, &Tensor) {
        let layer = operation.layer();
        (&self.weights[&format!("{layer}.weight")], &self.weights[&format!("{layer}.bias")])
    }
}

fn pad(x: &Tensor, height: usize, width: usize) -> Result<Tensor> {
    if height + width == 0 {
        return Ok(x.clone());
    }
    x.pad_with_zeros(2, height, height)?.pad_with_zeros(3, width, width)
}
