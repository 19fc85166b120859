//! The graph on burn's tensors.

use std::collections::HashMap;

use burn::tensor::activation::relu;
use burn::tensor::module::{adaptive_avg_pool2d, conv1d, conv2d, linear, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use versus_protocol::{Graph, Operation, Weights};

/// A tensor of a rank that is known only when the graph is.
#[derive(Clone)]
pub enum Value {
    /// A bias.
    Vector(Tensor<1>),
    /// Vectors of a batch, or the weight of a linear layer.
    Matrix(Tensor<2>),
    /// Sequences.
    Sequences(Tensor<3>),
    /// Images.
    Images(Tensor<4>),
}

/// The same expression for a tensor of each rank.
macro_rules! each {
    ($value:expr, $tensor:ident => $expression:expr) => {
        match $value {
            Value::Vector($tensor) => Value::Vector($expression),
            Value::Matrix($tensor) => Value::Matrix($expression),
            Value::Sequences($tensor) => Value::Sequences($expression),
            Value::Images($tensor) => Value::Images($expression),
        }
    };
}

/// The tensor, if it has the rank.
macro_rules! of_rank {
    ($name:ident, $variant:ident, $rank:literal) => {
        pub fn $name(&self) -> Tensor<$rank> {
            match self {
                Self::$variant(tensor) => tensor.clone(),
                _ => panic!("the graph has a value of another rank"),
            }
        }
    };
}

impl Value {
    of_rank!(vector, Vector, 1);
    of_rank!(matrix, Matrix, 2);
    of_rank!(sequences, Sequences, 3);
    of_rank!(images, Images, 4);

    /// A value with these sizes.
    pub fn new(values: Vec<f32>, shape: Vec<usize>, device: &Device) -> Self {
        let rank = shape.len();
        let data = TensorData::new(values, shape);
        match rank {
            1 => Self::Vector(Tensor::from_data(data, device)),
            2 => Self::Matrix(Tensor::from_data(data, device)),
            3 => Self::Sequences(Tensor::from_data(data, device)),
            _ => Self::Images(Tensor::from_data(data, device)),
        }
    }

    /// The same value where operations are recorded, with a gradient of its own or without.
    pub fn tracked(&self, gradient: bool) -> Self {
        each!(self, tensor => {
            let tensor = tensor.clone().autodiff();
            if gradient { tensor.require_grad() } else { tensor }
        })
    }

    /// The value, no longer recorded, a step down its gradient.
    pub fn descended(&self, gradients: &Gradients, learning_rate: f64) -> Self {
        each!(self, tensor => {
            tensor.clone().inner() - tensor.grad(gradients).expect("every weight is used") * learning_rate
        })
    }
}

/// A graph and its weights.
pub struct Model {
    graph: Graph,
    /// Tensors by name.
    pub weights: HashMap<String, Value>,
}

impl Model {
    /// A model on a device.
    pub fn new(graph: Graph, weights: Weights, device: &Device) -> Self {
        let tensor = |(name, (shape, values)): (String, (Vec<usize>, Vec<f32>))| {
            // burn's linear layers have their weights as [inputs, outputs].
            let (shape, values) = match shape[..] {
                [outputs, inputs] => (vec![inputs, outputs], transposed(&values, inputs)),
                _ => (shape, values),
            };
            (name, Value::new(values, shape, device))
        };
        Self { graph, weights: weights.0.into_iter().map(tensor).collect() }
    }

    /// The output for an input.
    pub fn forward(&self, input: Value) -> Tensor<2> {
        let mut values = HashMap::from([("x", input)]);
        for operation in &self.graph.operations {
            let output = self.run(operation, &values);
            values.insert(&operation.output, output);
        }
        values[self.graph.output.as_str()].matrix()
    }

    fn run(&self, operation: &Operation, values: &HashMap<&str, Value>) -> Value {
        let x = &values[operation.inputs[0].as_str()];
        let size = |name| operation.size(name);
        match operation.kind.as_str() {
            "conv2d" => {
                let (weight, bias) = self.parameters(operation);
                let (stride, padding) = ([size("sh"), size("sw")], [size("ph"), size("pw")]);
                let options = ConvOptions::new(stride, padding, [1, 1], size("groups"));
                Value::Images(conv2d(x.images(), weight.images(), Some(bias), options))
            }
            "conv1d" => {
                let (weight, bias) = self.parameters(operation);
                let options = ConvOptions::new([size("s")], [size("p")], [1], 1);
                Value::Sequences(conv1d(x.sequences(), weight.sequences(), Some(bias), options))
            }
            "linear" => {
                let (weight, bias) = self.parameters(operation);
                Value::Matrix(linear(x.matrix(), weight.matrix(), Some(bias)))
            }
            "relu" => each!(x, tensor => relu(tensor.clone())),
            "max_pool" => {
                let (k, s, p) = (size("k"), size("s"), size("p"));
                let options = MaxPoolOptions::new([k, k]).with_stride([s, s]).with_padding([p, p]);
                Value::Images(max_pool2d(x.images(), options))
            }
            "global_avg_pool" => Value::Images(adaptive_avg_pool2d(x.images(), [1, 1])),
            "lrn" => Value::Images(lrn(operation, x.images())),
            "concat" => {
                let paths = operation.inputs.iter().map(|name| values[name.as_str()].images()).collect();
                Value::Images(Tensor::cat(paths, 1))
            }
            "flatten" => Value::Matrix(match x {
                Value::Images(images) => images.clone().flatten(1, 3),
                other => other.sequences().flatten(1, 2),
            }),
            kind => panic!("the graph has an unknown operation, {kind}"),
        }
    }

    fn parameters(&self, operation: &Operation) -> (&Value, Tensor<1>) {
        let layer = operation.layer();
        (&self.weights[&format!("{layer}.weight")], self.weights[&format!("{layer}.bias")].vector())
    }
}

/// x / (k + α/n Σ x²)^β, of operations that burn has.
fn lrn(operation: &Operation, x: Tensor<4>) -> Tensor<4> {
    let n = operation.size("size");
    let [batch, channels, height, width] = x.dims();
    let zeros = Tensor::<4>::zeros([batch, n / 2, height, width], &x.device());
    let squares = Tensor::cat(vec![zeros.clone(), x.clone() * x.clone(), zeros], 1);
    let sum =
        (1..n).fold(squares.clone().narrow(1, 0, channels), |sum, i| sum + squares.clone().narrow(1, i, channels));
    x / (sum * (operation.number("alpha") / n as f64) + operation.number("bias")).powf_scalar(operation.number("beta"))
}

/// `[rows, columns]` → `[columns, rows]`.
fn transposed(values: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| values[column..].iter().step_by(columns).copied()).collect()
}
