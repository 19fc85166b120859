//! The operations: what each makes of its input, and what it costs.

use crate::dims::{Dims, MAX_RANK};
use crate::geometry;
use crate::window::{Rounding, Window};

/// One operation with its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// `conv1d`, `conv2d`, `conv3d`, and the depthwise ones.
    Conv(ConvOp),
    /// `conv_transpose1d`, `conv_transpose2d`, `conv_transpose3d`.
    ConvTranspose(ConvTransposeOp),
    /// `max_pool2d`, `avg_pool2d` and their relatives of other ranks.
    Pool(PoolOp),
    /// `global_avg_pool`, `global_max_pool`: one value of each channel.
    GlobalPool(Reduce),
    /// `linear`.
    Linear(LinearOp),
    /// `flatten`: any value as a vector, in the order it lies in memory.
    Flatten,
    /// `reshape`: the same values in the same order with other sizes.
    Reshape(Dims),
    /// `permute`: the axes in another order.
    Permute(Permutation),
    /// A function of each value by itself.
    Activation(Activation),
    /// `prelu`: max(0, x) + a · min(0, x) with a learned slope, one for all or one a channel.
    Prelu {
        /// One slope a channel.
        per_channel: bool,
    },
    /// `softmax` over the features of a vector, or over the channels at each position.
    Softmax,
    /// `log_softmax`, over the same.
    LogSoftmax,
    /// `lrn`: local response normalisation across channels.
    Lrn(LrnOp),
    /// `batch_norm`.
    BatchNorm(BatchNormOp),
    /// `normalize`: (x − mean) / std of each channel, with constants.
    Normalize {
        /// Mean of each channel.
        mean: &'static [f32],
        /// Standard deviation of each channel.
        std: &'static [f32],
    },
    /// `dropout` with this probability of losing a value; training only.
    Dropout(f32),
    /// `concat`: the channels of parallel paths in a row.
    Concat,
    /// `add`: the sum of parallel paths, value by value.
    Add,
    /// `heads`: the values of parallel paths in a row, each an output of the network.
    Heads,
    /// A layer of a type of one's own.
    Own(OwnOp),
}

/// A convolution before it has met its input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvOp {
    /// Spatial axes: 1, 2 or 3.
    pub rank: usize,
    /// Channels of the output, and the groups they come from.
    pub channels: Channels,
    /// Depth, height, width; [`Window::UNIT`] where the rank has no such axis.
    pub windows: [Window; 3],
    /// Whether a bias is added to every output channel.
    pub bias: bool,
    /// Channels that the declaration says the input has.
    pub in_channels: Option<usize>,
}

/// A layer that this library does not know: what the plan and the tables need of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnOp {
    /// What tables call it.
    pub keyword: &'static str,
    /// The only sizes it takes, if it is a network.
    pub input: Option<Dims>,
    /// What it gives.
    pub output: Dims,
    /// Learned values.
    pub params: usize,
    /// The value that each of them begins with.
    pub initial: f32,
    /// Multiply-accumulates of one sample.
    pub macs: usize,
    /// Floats that it needs for itself, forward and backward.
    pub scratch: usize,
}

impl OwnOp {
    /// A layer that gives values of these sizes, without parameters, multiplications or scratch.
    pub const fn new(keyword: &'static str, output: Dims) -> Self {
        Self { keyword, input: None, output, params: 0, initial: 0.0, macs: 0, scratch: 0 }
    }
}

/// How many output channels a convolution has, and which input channels each sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// So many, in independent groups that the channels are split into.
    Out {
        /// Channels of the output.
        out: usize,
        /// Groups; 1 is an ordinary convolution.
        groups: usize,
    },
    /// Depthwise: so many for each input channel, which sees that channel alone.
    Each(usize),
}

/// A transposed convolution before it has met its input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvTransposeOp {
    /// Spatial axes: 1, 2 or 3.
    pub rank: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Depth, height, width of the convolution that this one is the transpose of.
    pub windows: [Window; 3],
    /// Cells added at the end of the output, along depth, height, width.
    pub output_padding: [usize; 3],
    /// Independent groups that the channels are split into.
    pub groups: usize,
    /// Whether a bias is added to every output channel.
    pub bias: bool,
    /// Channels that the declaration says the input has.
    pub in_channels: Option<usize>,
}

/// A pool before it has met its input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolOp {
    /// Spatial axes: 1, 2 or 3.
    pub rank: usize,
    /// Largest value or mean.
    pub reduce: Reduce,
    /// Depth, height, width; [`Window::UNIT`] where the rank has no such axis.
    pub windows: [Window; 3],
    /// Floor or ceil mode.
    pub rounding: Rounding,
    /// Mean only: whether padding counts in the divisor.
    pub count_include_pad: bool,
}

/// What a pool makes of the cells under its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduce {
    /// The largest.
    Max,
    /// The mean.
    Average,
}

/// A fully connected layer before it has met its input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearOp {
    /// Values of the output.
    pub out_features: usize,
    /// Whether a bias is added.
    pub bias: bool,
    /// Values that the declaration says the input has.
    pub in_features: Option<usize>,
}

/// An order of axes: output axis i is input axis `axes[i]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutation {
    /// How many axes.
    pub rank: usize,
    /// For each output axis the input axis that it is.
    pub axes: [usize; MAX_RANK],
}

/// Local response normalisation: y = x / (k + α/n Σ x²)^β over the n neighbouring channels (Krizhevsky, Sutskever,
/// Hinton 2012, section 3.3; α divided by n as in PyTorch, ONNX and Caffe).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LrnOp {
    /// Channels in the neighbourhood, n.
    pub size: usize,
    /// α.
    pub alpha: f32,
    /// β.
    pub beta: f32,
    /// k.
    pub k: f32,
}

/// Batch normalisation: y = γ (x − mean) / √(var + ε) + β of each channel (Ioffe, Szegedy 2015, algorithms 1 and 2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNormOp {
    /// ε.
    pub epsilon: f32,
    /// The share of a new batch in the running statistics, as PyTorch counts it.
    pub momentum: f32,
}

/// A function applied to each value by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// max(0, x).
    Relu,
    /// x where x > 0, slope · x elsewhere.
    LeakyRelu(f32),
    /// x where x > 0, α (eˣ − 1) elsewhere.
    Elu(f32),
    /// λ · ELU with Klambauer's α and λ.
    Selu,
    /// x Φ(x), Φ the normal distribution.
    Gelu,
    /// x / (1 + e⁻ˣ).
    Silu,
    /// min(max(x, low), high); ReLU6 is 0 to 6.
    Clamp(f32, f32),
    /// x · min(max(x + 3, 0), 6) / 6.
    HardSwish,
    /// tanh x.
    Tanh,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
}

impl Activation {
    /// Whether the derivative can be had from the output alone; the others must be given their input.
    pub const fn derives_from_output(&self) -> bool {
        match self {
            Activation::Relu | Activation::Selu | Activation::Clamp(..) | Activation::Tanh | Activation::Sigmoid => {
                true
            }
            Activation::LeakyRelu(slope) | Activation::Elu(slope) => *slope >= 0.0,
            Activation::Gelu | Activation::Silu | Activation::HardSwish => false,
        }
    }
}

impl ConvOp {
    /// The numbers a kernel loops over, on an input of these sizes.
    pub const fn geometry(&self, input: &Dims) -> geometry::Conv {
        geometry::Conv {
            in_channels: input.size(0),
            out_channels: self.out_channels(input),
            groups: self.groups(input),
            bias: self.bias,
            axes: axes(self.rank, &self.windows, Rounding::Floor, input),
        }
    }

    /// Channels of the output.
    pub const fn out_channels(&self, input: &Dims) -> usize {
        match self.channels {
            Channels::Out { out, .. } => out,
            Channels::Each(multiplier) => input.size(0).saturating_mul(multiplier),
        }
    }

    /// Groups, at least 1.
    pub const fn groups(&self, input: &Dims) -> usize {
        let groups = match self.channels {
            Channels::Out { groups, .. } => groups,
            Channels::Each(_) => input.size(0),
        };
        if groups == 0 { 1 } else { groups }
    }
}

impl ConvTransposeOp {
    /// The convolution that this one is the transpose of: from this one's output to its input.
    pub const fn geometry(&self, input: &Dims) -> geometry::Conv {
        let mut axes = [geometry::Axis::UNIT; 3];
        let mut axis = 3 - self.rank;
        while axis < 3 {
            let window = &self.windows[axis];
            let n = input.size(1 + axis + self.rank - 3);
            axes[axis] = geometry::Axis {
                input: window.transposed_output(n, self.output_padding[axis]),
                output: n,
                kernel: window.kernel,
                stride: window.stride,
                dilation: window.dilation,
                padding: window.pads(),
            };
            axis += 1;
        }
        geometry::Conv {
            in_channels: self.out_channels,
            out_channels: input.size(0),
            groups: if self.groups == 0 { 1 } else { self.groups },
            bias: self.bias,
            axes,
        }
    }

    /// The windows along its own axes.
    pub const fn windows(&self) -> &[Window] {
        self.windows.split_at(3 - self.rank).1
    }

    const fn output(&self, input: &Dims) -> Dims {
        let mut sizes = [self.out_channels, 1, 1, 1];
        let mut i = 0;
        while i < self.rank {
            let axis = 3 - self.rank + i;
            sizes[1 + i] = self.windows[axis].transposed_output(input.size(1 + i), self.output_padding[axis]);
            i += 1;
        }
        Dims::new(sizes.split_at(1 + self.rank).0)
    }
}

impl PoolOp {
    /// The numbers a kernel loops over, on an input of these sizes.
    pub const fn geometry(&self, input: &Dims) -> geometry::Pool {
        geometry::Pool {
            channels: input.size(0),
            count_include_pad: self.count_include_pad,
            axes: axes(self.rank, &self.windows, self.rounding, input),
        }
    }
}

impl LinearOp {
    /// The numbers a kernel loops over, on an input of these sizes.
    pub const fn geometry(&self, input: &Dims) -> geometry::Linear {
        geometry::Linear { in_features: input.len(), out_features: self.out_features, bias: self.bias }
    }
}

impl Permutation {
    /// The sizes in the new order.
    pub const fn output(&self, input: &Dims) -> Dims {
        let mut sizes = [1; MAX_RANK];
        let mut i = 0;
        while i < self.rank {
            sizes[i] = input.size(self.axes[i]);
            i += 1;
        }
        Dims::new(sizes.split_at(self.rank).0)
    }
}

const fn axes(rank: usize, windows: &[Window; 3], rounding: Rounding, input: &Dims) -> [geometry::Axis; 3] {
    let mut axes = [geometry::Axis::UNIT; 3];
    let mut axis = 3 - rank;
    while axis < 3 {
        axes[axis] = geometry::Axis::new(input.size(1 + axis + rank - 3), &windows[axis], rounding);
        axis += 1;
    }
    axes
}

impl Op {
    /// The keyword of the declaration.
    pub const fn keyword(&self) -> &'static str {
        match self {
            Op::Conv(ConvOp { rank, channels: Channels::Out { .. }, .. }) => ["conv1d", "conv2d", "conv3d"][*rank - 1],
            Op::Conv(ConvOp { rank, .. }) => ["depthwise_conv1d", "depthwise_conv2d", "depthwise_conv3d"][*rank - 1],
            Op::ConvTranspose(conv) => ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"][conv.rank - 1],
            Op::Pool(PoolOp { rank, reduce: Reduce::Max, .. }) => ["max_pool1d", "max_pool2d", "max_pool3d"][*rank - 1],
            Op::Pool(PoolOp { rank, .. }) => ["avg_pool1d", "avg_pool2d", "avg_pool3d"][*rank - 1],
            Op::GlobalPool(Reduce::Max) => "global_max_pool",
            Op::GlobalPool(Reduce::Average) => "global_avg_pool",
            Op::Linear(_) => "linear",
            Op::Flatten => "flatten",
            Op::Reshape(_) => "reshape",
            Op::Permute(_) => "permute",
            Op::Activation(activation) => activation.keyword(),
            Op::Prelu { .. } => "prelu",
            Op::Softmax => "softmax",
            Op::LogSoftmax => "log_softmax",
            Op::Lrn(_) => "lrn",
            Op::BatchNorm(_) => "batch_norm",
            Op::Normalize { .. } => "normalize",
            Op::Dropout(_) => "dropout",
            Op::Concat => "concat",
            Op::Add => "add",
            Op::Heads => "heads",
            Op::Own(own) => own.keyword,
        }
    }

    /// The windows of a convolution or a pool along its own axes, empty for the others.
    pub const fn windows(&self) -> &[Window] {
        match self {
            Op::Conv(ConvOp { rank, windows, .. }) | Op::Pool(PoolOp { rank, windows, .. }) => {
                windows.split_at(3 - *rank).1
            }
            _ => &[],
        }
    }

    /// Floor, or what a pool asks for.
    pub const fn rounding(&self) -> Rounding {
        match self {
            Op::Pool(pool) => pool.rounding,
            _ => Rounding::Floor,
        }
    }

    /// How many axes the input must have, if that matters.
    pub const fn input_rank(&self) -> Option<usize> {
        match self {
            Op::Conv(ConvOp { rank, .. })
            | Op::ConvTranspose(ConvTransposeOp { rank, .. })
            | Op::Pool(PoolOp { rank, .. }) => Some(*rank + 1),
            Op::Linear(_) => Some(1),
            Op::Permute(permutation) => Some(permutation.rank),
            _ => None,
        }
    }

    /// The sizes of the output for an input of these sizes; total, as all arithmetic here.
    pub const fn output(&self, input: &Dims) -> Dims {
        match self {
            Op::Conv(conv) => self.slide(conv.out_channels(input), input),
            Op::ConvTranspose(conv) => conv.output(input),
            Op::Pool(_) => self.slide(input.size(0), input),
            Op::GlobalPool(_) => Dims::new(&[input.size(0)]),
            Op::Linear(linear) => Dims::new(&[linear.out_features]),
            Op::Flatten => Dims::new(&[input.len()]),
            Op::Reshape(dims) => *dims,
            Op::Own(own) => own.output,
            Op::Permute(permutation) => permutation.output(input),
            _ => *input,
        }
    }

    const fn slide(&self, channels: usize, input: &Dims) -> Dims {
        let windows = self.windows();
        let mut sizes = [channels, 1, 1, 1];
        let mut i = 0;
        while i < windows.len() {
            sizes[1 + i] = windows[i].output(input.size(1 + i), self.rounding());
            i += 1;
        }
        Dims::new(sizes.split_at(1 + windows.len()).0)
    }

    /// The shape of the weight, PyTorch's: `[out, in / groups, K…]`, transposed `[in, out / groups, K…]`, linear
    /// `[out, in]`, one value a channel for the others that learn; empty for an operation without one.
    pub const fn weight(&self, input: &Dims) -> Weight {
        let (mut weight, windows) = match self {
            Op::Conv(conv) => {
                let sizes = [conv.out_channels(input), input.size(0) / conv.groups(input), 1, 1, 1];
                (Weight { rank: 2 + conv.rank, sizes }, self.windows())
            }
            Op::ConvTranspose(conv) => {
                let groups = if conv.groups == 0 { 1 } else { conv.groups };
                let sizes = [input.size(0), conv.out_channels / groups, 1, 1, 1];
                (Weight { rank: 2 + conv.rank, sizes }, conv.windows())
            }
            Op::Linear(linear) => {
                (Weight { rank: 2, sizes: [linear.out_features, input.len(), 1, 1, 1] }, self.windows())
            }
            Op::Prelu { per_channel } => {
                let slopes = if *per_channel { input.size(0) } else { 1 };
                (Weight { rank: 1, sizes: [slopes, 1, 1, 1, 1] }, self.windows())
            }
            Op::BatchNorm(_) => (Weight { rank: 1, sizes: [input.size(0), 1, 1, 1, 1] }, self.windows()),
            Op::Own(own) if own.params > 0 => (Weight { rank: 1, sizes: [own.params, 1, 1, 1, 1] }, self.windows()),
            _ => (Weight { rank: 0, sizes: [1; 5] }, self.windows()),
        };
        let mut i = 0;
        while i < windows.len() {
            weight.sizes[2 + i] = windows[i].kernel;
            i += 1;
        }
        weight
    }

    /// Values of the bias, 0 without one.
    pub const fn bias_len(&self, input: &Dims) -> usize {
        match self {
            Op::Conv(conv) if conv.bias => conv.out_channels(input),
            Op::ConvTranspose(conv) if conv.bias => conv.out_channels,
            Op::Linear(linear) if linear.bias => linear.out_features,
            Op::BatchNorm(_) => input.size(0),
            _ => 0,
        }
    }

    /// Values that are kept beside the learned ones and not learned: running mean and variance of each channel.
    pub const fn state_len(&self, input: &Dims) -> usize {
        match self {
            Op::BatchNorm(_) => input.size(0).saturating_mul(2),
            _ => 0,
        }
    }

    /// Learned values: weight and bias.
    pub const fn params(&self, input: &Dims) -> usize {
        self.weight(input).len().saturating_add(self.bias_len(input))
    }

    /// Values in the parameter buffer: learned ones, then state.
    pub const fn stored(&self, input: &Dims) -> usize {
        self.params(input).saturating_add(self.state_len(input))
    }

    /// Multiply-accumulates of convolutions and linear layers for one sample: outputs times products summed into each.
    pub const fn macs(&self, input: &Dims) -> usize {
        match self {
            Op::Conv(_) | Op::Linear(_) => {
                let weight = self.weight(input);
                let taps = weight.len() / if weight.sizes[0] == 0 { 1 } else { weight.sizes[0] };
                self.output(input).len().saturating_mul(taps)
            }
            Op::ConvTranspose(_) => {
                let weight = self.weight(input);
                let taps = weight.len() / if weight.sizes[0] == 0 { 1 } else { weight.sizes[0] };
                input.len().saturating_mul(taps)
            }
            Op::Own(own) => own.macs,
            _ => 0,
        }
    }

    /// Whether the output may be written over the input in inference: each value depends on the value in its place,
    /// or the kernel reads what it needs before it writes.
    pub const fn in_place(&self) -> bool {
        matches!(
            self,
            Op::Flatten
                | Op::Reshape(_)
                | Op::Activation(_)
                | Op::Prelu { .. }
                | Op::Softmax
                | Op::LogSoftmax
                | Op::BatchNorm(_)
                | Op::Normalize { .. }
                | Op::Dropout(_)
        )
    }

    /// Whether it brings parallel paths together, and so reads several values.
    pub const fn is_join(&self) -> bool {
        matches!(self, Op::Concat | Op::Add | Op::Heads)
    }

    /// Whether the values stay the same floats: nothing is computed.
    pub const fn is_view(&self) -> bool {
        matches!(self, Op::Flatten | Op::Reshape(_))
    }

    /// Whether backward reads the input of forward, so that training must not overwrite it.
    pub const fn backward_reads_input(&self) -> bool {
        match self {
            Op::Activation(activation) => !activation.derives_from_output(),
            Op::Softmax | Op::LogSoftmax | Op::Dropout(_) | Op::Normalize { .. } => false,
            Op::Flatten | Op::Reshape(_) | Op::Permute(_) | Op::GlobalPool(Reduce::Average) => false,
            Op::Pool(PoolOp { reduce: Reduce::Average, .. }) | Op::Concat | Op::Add | Op::Heads => false,
            _ => true,
        }
    }

    /// Whether backward reads the output of forward, so that training must not overwrite it.
    pub const fn backward_reads_output(&self) -> bool {
        match self {
            Op::Activation(activation) => activation.derives_from_output(),
            Op::Softmax | Op::LogSoftmax | Op::Own(_) => true,
            _ => false,
        }
    }

    /// The activation that this operation is, if it is one: what a convolution or linear layer before it can apply
    /// as it stores.
    pub const fn epilogue(&self) -> Option<Activation> {
        match self {
            Op::Activation(activation) => Some(*activation),
            _ => None,
        }
    }

    /// Whether this operation can apply an activation as it stores.
    pub const fn takes_epilogue(&self) -> bool {
        matches!(self, Op::Conv(_) | Op::ConvTranspose(_) | Op::Linear(_))
    }
}

impl Activation {
    /// The keyword of the declaration.
    pub const fn keyword(&self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::LeakyRelu(_) => "leaky_relu",
            Activation::Elu(_) => "elu",
            Activation::Selu => "selu",
            Activation::Gelu => "gelu",
            Activation::Silu => "silu",
            Activation::Clamp(..) => "clamp",
            Activation::HardSwish => "hard_swish",
            Activation::Tanh => "tanh",
            Activation::Sigmoid => "sigmoid",
        }
    }
}

/// The shape of a weight, up to `[out, in, K_d, K_h, K_w]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    rank: usize,
    sizes: [usize; 5],
}

impl Weight {
    /// The sizes, outputs first.
    pub const fn as_slice(&self) -> &[usize] {
        self.sizes.split_at(self.rank).0
    }

    /// How many values; 0 without a weight.
    pub const fn len(&self) -> usize {
        let mut len = if self.rank == 0 { 0 } else { 1_usize };
        let mut i = 0;
        while i < self.rank {
            len = len.saturating_mul(self.sizes[i]);
            i += 1;
        }
        len
    }

    /// Whether there is no weight.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
