//! The operations: what each makes of its input, and what it costs.

use crate::dims::Dims;
use crate::geometry;
use crate::window::{Rounding, Window};

/// One operation with its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// `conv1d`, `conv2d`, `conv3d`.
    Conv(ConvOp),
    /// `max_pool2d`, `avg_pool2d` and their relatives of other ranks.
    Pool(PoolOp),
    /// `global_avg_pool`: the mean of each channel.
    GlobalAvgPool,
    /// `linear`.
    Linear(LinearOp),
    /// `flatten`: any value as a vector, in the order it lies in memory.
    Flatten,
    /// A function of each value by itself.
    Activation(Activation),
    /// `softmax` over the features of a vector.
    Softmax,
    /// `dropout` with this probability of losing a value; training only.
    Dropout(f32),
}

/// A convolution before it has met its input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvOp {
    /// Spatial axes: 1, 2 or 3.
    pub rank: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Depth, height, width; [`Window::UNIT`] where the rank has no such axis.
    pub windows: [Window; 3],
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

/// A function applied to each value by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// max(0, x).
    Relu,
    /// tanh x.
    Tanh,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
}

impl ConvOp {
    /// The numbers a kernel loops over, on an input of these sizes.
    pub const fn geometry(&self, input: &Dims) -> geometry::Conv {
        geometry::Conv {
            in_channels: input.size(0),
            out_channels: self.out_channels,
            groups: if self.groups == 0 { 1 } else { self.groups },
            bias: self.bias,
            axes: axes(self.rank, &self.windows, Rounding::Floor, input),
        }
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
            Op::Conv(conv) => ["conv1d", "conv2d", "conv3d"][conv.rank - 1],
            Op::Pool(PoolOp { rank, reduce: Reduce::Max, .. }) => ["max_pool1d", "max_pool2d", "max_pool3d"][*rank - 1],
            Op::Pool(PoolOp { rank, reduce: Reduce::Average, .. }) => {
                ["avg_pool1d", "avg_pool2d", "avg_pool3d"][*rank - 1]
            }
            Op::GlobalAvgPool => "global_avg_pool",
            Op::Linear(_) => "linear",
            Op::Flatten => "flatten",
            Op::Activation(Activation::Relu) => "relu",
            Op::Activation(Activation::Tanh) => "tanh",
            Op::Activation(Activation::Sigmoid) => "sigmoid",
            Op::Softmax => "softmax",
            Op::Dropout(_) => "dropout",
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
            Op::Conv(ConvOp { rank, .. }) | Op::Pool(PoolOp { rank, .. }) => Some(*rank + 1),
            Op::Linear(_) | Op::Softmax => Some(1),
            _ => None,
        }
    }

    /// The sizes of the output for an input of these sizes; total, as all arithmetic here.
    pub const fn output(&self, input: &Dims) -> Dims {
        match self {
            Op::Conv(conv) => self.slide(conv.out_channels, input),
            Op::Pool(_) => self.slide(input.size(0), input),
            Op::GlobalAvgPool => Dims::new(&[input.size(0)]),
            Op::Linear(linear) => Dims::new(&[linear.out_features]),
            Op::Flatten => Dims::new(&[input.len()]),
            Op::Activation(_) | Op::Softmax | Op::Dropout(_) => *input,
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

    /// The shape of the weight, `[out, in / groups, K…]` or `[out, in]`, empty for an operation without one.
    pub const fn weight(&self, input: &Dims) -> Weight {
        let mut weight = Weight { rank: 0, sizes: [1; 5] };
        match self {
            Op::Conv(conv) => {
                let groups = if conv.groups == 0 { 1 } else { conv.groups };
                weight.rank = 2 + conv.rank;
                weight.sizes[0] = conv.out_channels;
                weight.sizes[1] = input.size(0) / groups;
                let windows = self.windows();
                let mut i = 0;
                while i < windows.len() {
                    weight.sizes[2 + i] = windows[i].kernel;
                    i += 1;
                }
            }
            Op::Linear(linear) => {
                weight.rank = 2;
                weight.sizes[0] = linear.out_features;
                weight.sizes[1] = input.len();
            }
            _ => {}
        }
        weight
    }

    /// Values of the bias, 0 without one.
    pub const fn bias_len(&self) -> usize {
        match self {
            Op::Conv(ConvOp { out_channels: out, bias: true, .. })
            | Op::Linear(LinearOp { out_features: out, bias: true, .. }) => *out,
            _ => 0,
        }
    }

    /// Learned values: weight and bias.
    pub const fn params(&self, input: &Dims) -> usize {
        self.weight(input).len().saturating_add(self.bias_len())
    }

    /// Multiply-accumulates for one sample: outputs times products summed into each.
    pub const fn macs(&self, input: &Dims) -> usize {
        let weight = self.weight(input);
        if weight.rank == 0 {
            return 0;
        }
        let taps = weight.len() / if weight.sizes[0] == 0 { 1 } else { weight.sizes[0] };
        self.output(input).len().saturating_mul(taps)
    }

    /// Whether the output may be written over the input: each value depends on the value in its place alone, and
    /// the derivative can be had from the output.
    pub const fn in_place(&self) -> bool {
        matches!(self, Op::Activation(_) | Op::Softmax | Op::Dropout(_) | Op::Flatten)
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
        matches!(self, Op::Conv(_) | Op::Linear(_))
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
