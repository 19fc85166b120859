//! The network around a chain of layers: hand-built, or written in the place of a type.

use core::marker::PhantomData;

use convnet_shape::plan::{Node, Plan, Purpose};
use convnet_shape::tensors::Tensor as TensorName;

use crate::layer::Layer;
use crate::network::{Architecture, Network, compact_plan, nodes, prepared_plan, training_plan};
use crate::options::{NoOptions, StatesOptions};
use crate::params::Params;
use crate::shape::{AllWindowsFit, Shape};
use crate::tensor::Tensor;

#[cfg(feature = "alloc")]
use crate::{
    prepared::Prepared,
    quantized::{QuantizeError, Quantized},
};
#[cfg(feature = "alloc")]
use alloc::boxed::Box;

/// Most layers in a hand-built chain; a declared network has no such limit.
pub const MAX_LAYERS: usize = 64;

/// A network of the layers `Chain` on inputs of shape `Input`: what [`cnn!`](crate::cnn!) gives in the place of a
/// type, and what makes a hand-built chain run.
///
/// It is a [`Network`] on [`Tensor`]s. Its layers are named by their index, as those of PyTorch's `nn.Sequential`:
/// `0.weight`, `0.bias`, `2.weight`. What it asks of the kernels is a type too, see [`options`](crate::options).
///
/// ```
/// use convnet::layers::{Conv2d, Flatten, Linear, Relu};
/// use convnet::shape::{Image, Window};
/// use convnet::typenum::{U1, U3, U4, U8};
/// use convnet::{Sequential, Tensor, chain};
///
/// type Net = Sequential<Image<U1, U8, U8>, chain![Conv2d<U4, Window<U3>>, Relu, Flatten, Linear<U3>]>;
///
/// let net = Net::init(7);
/// assert_eq!(Net::PARAMS, 4 * 9 + 4 + 3 * 4 * 6 * 6 + 3);
/// assert_eq!(net.forward(&Tensor::zeros()).as_slice().len(), 3);
/// ```
pub struct Sequential<Input, Chain, Options = NoOptions> {
    params: Params,
    types: PhantomData<fn(Input, Options) -> Chain>,
}

/// The names of a layer's tensors.
struct Names {
    weight: &'static str,
    bias: &'static str,
    running_mean: &'static str,
    running_var: &'static str,
}

macro_rules! names {
    ($($index:literal)*) => {
        const NAMES: [Names; MAX_LAYERS] = [$(Names {
            weight: concat!($index, ".weight"),
            bias: concat!($index, ".bias"),
            running_mean: concat!($index, ".running_mean"),
            running_var: concat!($index, ".running_var"),
        }),*];
        /// Layers by their index.
        pub(crate) const LAYER_NAMES: [&str; MAX_LAYERS] = [$($index),*];
    };
}
names! {
    "0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" "11" "12" "13" "14" "15" "16" "17" "18" "19" "20" "21" "22" "23" "24"
    "25" "26" "27" "28" "29" "30" "31" "32" "33" "34" "35" "36" "37" "38" "39" "40" "41" "42" "43" "44" "45" "46" "47"
    "48" "49" "50" "51" "52" "53" "54" "55" "56" "57" "58" "59" "60" "61" "62" "63"
}

/// The parameter tensors of a chain, sorted by name, and how many there are.
const fn tensors(nodes: &[Node]) -> ([TensorName<'static>; 4 * MAX_LAYERS], usize) {
    let mut tensors = [TensorName::bias("", nodes, 0); 4 * MAX_LAYERS];
    let mut count = 0;
    let mut i = 0;
    while i < nodes.len() {
        if !nodes[i].op.weight(&nodes[i].input).is_empty() {
            count = insert(&mut tensors, count, TensorName::weight(NAMES[i].weight, nodes, i));
        }
        if nodes[i].op.bias_len(&nodes[i].input) > 0 {
            count = insert(&mut tensors, count, TensorName::bias(NAMES[i].bias, nodes, i));
        }
        if nodes[i].op.state_len(&nodes[i].input) > 0 {
            count = insert(&mut tensors, count, TensorName::running_mean(NAMES[i].running_mean, nodes, i));
            count = insert(&mut tensors, count, TensorName::running_var(NAMES[i].running_var, nodes, i));
        }
        i += 1;
    }
    (tensors, count)
}

const fn insert(
    tensors: &mut [TensorName<'static>; 4 * MAX_LAYERS],
    count: usize,
    tensor: TensorName<'static>,
) -> usize {
    let mut at = count;
    while at > 0 && convnet_shape::tensors::less(tensor.name, tensors[at - 1].name) {
        tensors[at] = tensors[at - 1];
        at -= 1;
    }
    tensors[at] = tensor;
    count + 1
}

impl<Input: Shape, Chain: Layer<Input>, Options: StatesOptions> Sequential<Input, Chain, Options> {
    const COUNT: usize = {
        let count = Chain::TREE.count();
        assert!(count <= MAX_LAYERS, "a hand-built chain has at most 64 layers; declare a longer one with `cnn!`");
        count
    };
    const NODES: &'static [Node] = {
        let all: &'static [Node; MAX_LAYERS] = &nodes(&Chain::TREE, Input::DIMS);
        all.split_at(Self::COUNT).0
    };
    const PLAN: &'static Plan<MAX_LAYERS> = &Plan::new(Self::NODES, Purpose::Inference);
    const PREPARED: &'static Plan<MAX_LAYERS> = &prepared_plan(Self::NODES, &Options::OPTIONS);
    const COMPACT: &'static Plan<MAX_LAYERS> = &compact_plan(Self::NODES, Self::PREPARED, &Options::OPTIONS);
    const TRAINING: &'static Plan<MAX_LAYERS> = &training_plan(Self::NODES);
    const TENSORS: &'static ([TensorName<'static>; 4 * MAX_LAYERS], usize) = &tensors(Self::NODES);

    const ALL: Architecture = Architecture {
        name: "Sequential",
        input: Input::DIMS,
        options: Options::OPTIONS,
        nodes: Self::NODES,
        names: LAYER_NAMES.split_at(Self::COUNT).0,
        plan: Self::PLAN.steps(),
        sizes: Self::PLAN.sizes.or(&Self::COMPACT.sizes).or(&Self::PREPARED.sizes),
        prepared: Self::PREPARED.steps(),
        compact: Self::COMPACT.steps(),
        compact_packed: Self::COMPACT.sizes.packed,
        training: Self::TRAINING.steps(),
        training_sizes: Self::TRAINING.sizes,
        tensors: Self::TENSORS.0.split_at(Self::TENSORS.1).0,
    };

    /// Learned values: all weights and biases.
    pub const PARAMS: usize = Self::ALL.params();
    /// Multiply-accumulates of one forward pass.
    pub const MACS: usize = Self::ALL.macs();
    /// Bytes of memory that a forward pass needs beside parameters, input and output: batch 1, one thread.
    pub const SCRATCH_BYTES: usize = Self::ALL.scratch_bytes(1);

    /// A network with these parameters: layer by layer, weight and then bias, in PyTorch's order.
    ///
    /// # Panics
    ///
    /// If there are more or fewer than [`PARAMS`](Self::PARAMS).
    pub fn from_params(params: Params) -> Self {
        assert_eq!(params.as_slice().len(), Self::ALL.stored(), "parameters of another network");
        Self { params, types: PhantomData }
    }

    /// The parameters.
    pub fn params(&self) -> &[f32] {
        self.params.as_slice()
    }
}

// The bounds stand on the methods: where a chain does not fit, rustc then begins with the sentence of the bound.
impl<Input, Chain, Options: StatesOptions> Sequential<Input, Chain, Options> {
    /// Runs one input in the caller's memory, which is at least [`SCRATCH_BYTES`](Self::SCRATCH_BYTES)` / 4` floats:
    /// no allocation.
    ///
    /// # Panics
    ///
    /// If `scratch` is shorter.
    pub fn forward_into(&self, input: &Tensor<Input>, output: &mut Tensor<Chain::Out>, scratch: &mut [f32])
    where
        Input: Shape,
        Chain: Layer<Input, Fits: AllWindowsFit>,
    {
        Network::forward_into(self, input, output, scratch);
    }
}

#[cfg(feature = "alloc")]
impl<Input, Chain, Options: StatesOptions> Sequential<Input, Chain, Options> {
    /// A network with random parameters, the same for the same seed.
    pub fn init(seed: u64) -> Self
    where
        Input: Shape,
        Chain: Layer<Input, Fits: AllWindowsFit>,
    {
        Network::init(seed)
    }

    /// Runs one input.
    pub fn forward(&self, input: &Tensor<Input>) -> Box<Tensor<Chain::Out>>
    where
        Input: Shape,
        Chain: Layer<Input, Fits: AllWindowsFit>,
    {
        Network::forward(self, input)
    }

    /// The same network for inference alone.
    pub fn prepare(&self) -> Prepared<Self>
    where
        Input: Shape,
        Chain: Layer<Input, Fits: AllWindowsFit>,
    {
        Network::prepare(self)
    }

    /// The same network in whole numbers, for inference alone; samples show between which numbers values lie.
    ///
    /// # Errors
    ///
    /// If a layer has no integer kernel, or there is no sample, or one on which values are not finite.
    pub fn quantize(&self, samples: &[Tensor<Input>]) -> Result<Quantized<Self>, QuantizeError>
    where
        Input: Shape,
        Chain: Layer<Input, Fits: AllWindowsFit>,
    {
        Network::quantize(self, samples)
    }
}

impl<Input: Shape, Chain: Layer<Input>, Options: StatesOptions> Network for Sequential<Input, Chain, Options> {
    type Shape = Input;
    type Chain = Chain;
    type Input = Tensor<Input>;
    type Output = Tensor<Chain::Out>;
    #[cfg(feature = "alloc")]
    type Returned = Box<Tensor<Chain::Out>>;
    #[cfg(not(feature = "alloc"))]
    type Returned = Tensor<Chain::Out>;
    type Scratch = [f32];
    const ARCHITECTURE: &'static Architecture = &Self::ALL;

    fn from_params(params: Params) -> Self {
        Self::from_params(params)
    }

    fn params(&self) -> &[f32] {
        self.params.as_slice()
    }

    #[cfg(feature = "alloc")]
    fn params_mut(&mut self) -> &mut [f32] {
        self.params.to_mut()
    }
}
