//! What can be wrong with a declaration, and the sentence that says it.
//!
//! Every check is a `const fn` from numbers to an optional [`Fault`]: the field that is guilty and the sentence.
//! The macro runs them on literals and underlines the field; rustc runs them on constant expressions and underlines
//! the layer ([`require`]). A sentence is lower case and has no full stop: what was found, what is needed; the way
//! out. [`on_its_own`] holds the checks that need no input, [`on_input`] those that do: a caller that does not know
//! a layer's input, because a layer before it is wrong, still runs the first and stays silent about the second.

use crate::dims::{Dims, MAX_LEN, MAX_SIZE};
use crate::graph::Reads;
use crate::op::{
    Activation, BatchNormOp, Channels, ConvOp, ConvTransposeOp, LinearOp, LrnOp, Op, Permutation, PoolOp, Reduce,
};
use crate::text::Text;
use crate::window::{Padding, Window};

/// A layer of a declaration.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// The name given to it, or made up for it.
    pub name: &'a str,
    /// What it does.
    pub op: Op,
    /// Which values it reads.
    pub reads: Reads,
    /// The output that `=> [...]` behind it asserts.
    pub asserted: Option<Dims>,
}

/// The part of a layer that a sentence is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The layer as a whole.
    Layer,
    /// The number of output channels or features, or the sizes of the output.
    Out,
    /// `kernel`.
    Kernel,
    /// `stride`.
    Stride,
    /// `padding`.
    Padding,
    /// `dilation`.
    Dilation,
    /// `groups`.
    Groups,
    /// `in_channels` or `in_features`.
    In,
    /// `output_padding` of a transposed convolution.
    OutputPadding,
    /// A setting of this name that is no size of a window: `probability`, `epsilon`, `axes`.
    Setting(&'static str),
    /// The assertion `=> [...]`.
    Assertion,
}

/// A mistake: what is guilty, and the sentence about it.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// The guilty part.
    pub field: Field,
    /// The sentence.
    pub text: Text,
}

impl Fault {
    const fn of(field: Field, text: Text) -> Option<Self> {
        Some(Self { field, text })
    }
}

/// Checks a layer that needs no knowledge of its input.
pub const fn on_its_own(layer: &Layer<'_>) -> Option<Fault> {
    let name = layer.name;
    match &layer.op {
        Op::Conv(conv) => {
            let fault = match conv.channels {
                Channels::Out { out, .. } => out_size(name, out, "output channels"),
                Channels::Each(multiplier) => self::multiplier(name, multiplier),
            };
            if fault.is_some() {
                return fault;
            }
            if let Some(fault) = window_numbers(name, &layer.op, layer.op.windows()) {
                return Some(fault);
            }
            match conv.channels {
                Channels::Out { out, groups } => groups_divide_output(name, out, groups),
                Channels::Each(_) => None,
            }
        }
        Op::ConvTranspose(conv) => {
            if let Some(fault) = out_size(name, conv.out_channels, "output channels") {
                return Some(fault);
            }
            if let Some(fault) = window_numbers(name, &layer.op, conv.windows()) {
                return Some(fault);
            }
            if let Some(fault) = output_padding(name, conv) {
                return Some(fault);
            }
            groups_divide_output(name, conv.out_channels, conv.groups)
        }
        Op::Pool(_) => window_numbers(name, &layer.op, layer.op.windows()),
        Op::Linear(linear) => out_size(name, linear.out_features, "output features"),
        Op::Reshape(to) => reshaped_sizes(name, to),
        Op::Permute(permutation) => permuted_axes(name, permutation),
        Op::Activation(Activation::Clamp(low, high)) => clamp_bounds(name, *low, *high),
        Op::Lrn(lrn) => lrn_settings(name, lrn),
        Op::BatchNorm(norm) => batch_norm_settings(name, norm),
        Op::Normalize { mean, std } => normalize_settings(name, mean, std),
        Op::Dropout(probability) => dropout_probability(name, *probability),
        Op::GlobalPool(_) | Op::Flatten | Op::Activation(_) | Op::Prelu { .. } | Op::Softmax | Op::LogSoftmax => None,
        Op::Concat | Op::Add => None,
    }
}

/// Checks layer `index` against its input; `first` is the input of the whole network.
pub const fn on_input(layers: &[Layer<'_>], index: usize, first: &Dims, input: &Dims, strict: bool) -> Option<Fault> {
    let layer = &layers[index];
    let from = if index == 0 { "" } else { layers[index - 1].name };
    if let Some(fault) = rank(layer, from, input) {
        return Some(fault);
    }
    let fault = match &layer.op {
        Op::Conv(ConvOp { channels, in_channels, .. }) => {
            let (groups, out) = match channels {
                Channels::Out { out, groups } => (*groups, *out),
                Channels::Each(_) => (1, 0),
            };
            self::channels(layer.name, *in_channels, groups, out, from, input)
        }
        Op::ConvTranspose(conv) => channels(layer.name, conv.in_channels, conv.groups, conv.out_channels, from, input),
        Op::Linear(linear) => features(layer.name, linear, from, input),
        Op::Flatten => flatten_of_vector(layer.name, from, input),
        Op::Reshape(to) => reshaped_values(layer.name, to, from, input),
        Op::Normalize { mean, .. } => normalized_channels(layer.name, mean.len(), from, input),
        _ => None,
    };
    if fault.is_some() {
        return fault;
    }
    if let Some(fault) = room(layers, index, first, input) {
        return Some(fault);
    }
    if strict && let Some(fault) = dropped(layer, input) {
        return Some(fault);
    }
    too_many(layer, input)
}

/// Checks the assertion `=> [...]` behind a layer against its output.
pub const fn assertion(layer: &Layer<'_>, output: &Dims) -> Option<Fault> {
    match &layer.asserted {
        Some(asserted) if !asserted.equals(output) => Fault::of(
            Field::Assertion,
            Text::about(layer.name)
                .say(" gives ")
                .dims(output)
                .say(", not ")
                .dims(asserted)
                .say("; write `=> ")
                .dims(output)
                .say("` or change the layers before it"),
        ),
        _ => None,
    }
}

/// Checks the input of a network.
pub const fn network_input(network: &str, input: &Dims) -> Option<Text> {
    let sizes = input.as_slice();
    let mut i = 0;
    while i < sizes.len() {
        if sizes[i] == 0 {
            return Some(
                Text::about(network).say(" has an empty input, ").dims(input).say("; every size is at least 1"),
            );
        }
        if sizes[i] > MAX_SIZE {
            let text = Text::about(network).say(" has an input of ").dims(input);
            return Some(text.say("; the largest size is ").number(MAX_SIZE));
        }
        i += 1;
    }
    if input.len() > MAX_LEN {
        let text = Text::about(network).say(" has an input of ").dims(input);
        return Some(too_many_values(text, input.len()).say("; make it smaller"));
    }
    None
}

/// Checks the output that a network declares against what its last layer, `last`, gives.
pub const fn network_output(network: &str, last: &str, output: &Dims, declared: &Dims) -> Option<Text> {
    if declared.equals(output) {
        return None;
    }
    Some(
        Text::about(network)
            .say(" is declared to give ")
            .dims(declared)
            .say(" but its last layer ")
            .code(last)
            .say(" gives ")
            .dims(output)
            .say("; write `-> ")
            .dims(output)
            .say("` or change the layers"),
    )
}

/// What a `const _` in an expansion evaluates for layer `index`: panics with the sentence if the layer is wrong.
///
/// Silent if a layer before it is wrong already and its input therefore unknown.
#[track_caller]
pub const fn require(layers: &[Layer<'_>], index: usize, first: &Dims, strict: bool) {
    let input = match input_of(layers, index, first, strict) {
        Some(input) => input,
        None => match on_its_own(&layers[index]) {
            Some(fault) => panic!("{}", fault.text.as_str()),
            None => return,
        },
    };
    if let Some(fault) = any(layers, index, first, &input, strict) {
        panic!("{}", fault.text.as_str());
    }
}

/// [`network_input`] as a `const _` evaluates it.
#[track_caller]
pub const fn require_input(network: &str, input: &Dims) {
    if let Some(text) = network_input(network, input) {
        panic!("{}", text.as_str());
    }
}

/// [`network_output`] as a `const _` evaluates it; silent if a layer is wrong and the output therefore unknown.
#[track_caller]
pub const fn require_output(network: &str, layers: &[Layer<'_>], first: &Dims, declared: &Dims, strict: bool) {
    let last = layers.len() - 1;
    if let Some(input) = input_of(layers, layers.len(), first, strict)
        && let Some(text) = network_output(network, layers[last].name, &input, declared)
    {
        panic!("{}", text.as_str());
    }
}

/// All checks of one layer, in the order a reader would make them.
pub const fn any(layers: &[Layer<'_>], index: usize, first: &Dims, input: &Dims, strict: bool) -> Option<Fault> {
    if let Some(fault) = on_its_own(&layers[index]) {
        return Some(fault);
    }
    if let Some(fault) = on_input(layers, index, first, input, strict) {
        return Some(fault);
    }
    assertion(&layers[index], &layers[index].op.output(input))
}

/// Whether the output of a layer is known although its input is not.
pub const fn output_without_input(op: &Op) -> Option<Dims> {
    match op {
        Op::Linear(linear) if linear.out_features > 0 && linear.out_features <= MAX_SIZE => {
            Some(Dims::new(&[linear.out_features]))
        }
        Op::Reshape(to) if reshaped_sizes("", to).is_none() => Some(*to),
        _ => None,
    }
}

/// The input of layer `index`, or `None` if a layer that it depends on is wrong.
const fn input_of(layers: &[Layer<'_>], index: usize, first: &Dims, strict: bool) -> Option<Dims> {
    let mut input = if network_input("", first).is_some() { None } else { Some(*first) };
    let mut i = 0;
    while i < index {
        let op = &layers[i].op;
        input = match input {
            // An assertion that differs does not make the output unknown.
            Some(known) if on_its_own(&layers[i]).is_none() && on_input(layers, i, first, &known, strict).is_none() => {
                Some(op.output(&known))
            }
            _ => output_without_input(op),
        };
        i += 1;
    }
    input
}

const fn out_size(name: &str, out: usize, what: &str) -> Option<Fault> {
    if out == 0 {
        let text = Text::about(name).say(" has 0 ").say(what).say("; it needs at least 1");
        return Fault::of(Field::Out, text);
    }
    if out > MAX_SIZE {
        let text = Text::about(name).say(" has ").number(out).say(" ").say(what);
        return Fault::of(Field::Out, text.say("; the largest size is ").number(MAX_SIZE));
    }
    None
}

/// Kernel, stride, dilation and padding by themselves.
const fn window_numbers(name: &str, op: &Op, windows: &[Window]) -> Option<Fault> {
    let mut i = 0;
    while i < windows.len() {
        let fault = one_window(name, &windows[i], op);
        if fault.is_some() {
            return fault;
        }
        i += 1;
    }
    None
}

const fn one_window(name: &str, window: &Window, op: &Op) -> Option<Fault> {
    let about = Text::about(name);
    if window.kernel == 0 {
        return Fault::of(Field::Kernel, about.say(" has a kernel of 0; a kernel is at least 1"));
    }
    if window.stride == 0 {
        return Fault::of(Field::Stride, about.say(" has a stride of 0; the window must move by at least 1"));
    }
    if window.dilation == 0 {
        return Fault::of(Field::Dilation, about.say(" has a dilation of 0; neighbouring taps are at least 1 apart"));
    }
    if window.kernel > MAX_SIZE {
        return above_max(Field::Kernel, about.say(" has a kernel of "), window.kernel);
    }
    if window.stride > MAX_SIZE {
        return above_max(Field::Stride, about.say(" has a stride of "), window.stride);
    }
    if window.dilation > MAX_SIZE {
        return above_max(Field::Dilation, about.say(" has a dilation of "), window.dilation);
    }
    padding(name, window, op)
}

const fn above_max(field: Field, text: Text, size: usize) -> Option<Fault> {
    Fault::of(field, text.number(size).say("; the largest size is ").number(MAX_SIZE))
}

/// Padding at or above the kernel would give outputs that see no input at all.
const fn padding(name: &str, window: &Window, op: &Op) -> Option<Fault> {
    let extent = window.extent();
    let text = Text::about(name);
    match window.padding {
        Padding::Same if window.stride > 1 => {
            let half = window.kernel.saturating_sub(1).saturating_mul(window.dilation) / 2;
            let text = text
                .say(" has `padding = same` with a stride of ")
                .number(window.stride)
                .say("; `same` needs stride 1: write `padding = ")
                .number(half)
                .say("`");
            Fault::of(Field::Padding, text)
        }
        Padding::Cells(before, after) if before >= extent || after >= extent => {
            let padding = if before > after { before } else { after };
            let text = text.say(" pads by ").number(padding).say(", but its kernel covers only ");
            let text = text.count(extent, "cell", "cells");
            let text = if window.dilation > 1 {
                text.say(" (").number(window.kernel).say(" taps, ").number(window.dilation).say(" apart)")
            } else {
                text
            };
            let text = match op {
                Op::Conv(_) => text.say(": outputs would see padding alone"),
                Op::ConvTranspose(_) => text.say(": inputs at the border would reach no output"),
                _ => text.say(": windows would hold padding alone"),
            };
            let text = match extent {
                1 => text.say("; remove the padding"),
                _ => text.say("; padding may be at most ").number(extent - 1),
            };
            Fault::of(Field::Padding, text)
        }
        _ => None,
    }
}

const fn multiplier(name: &str, multiplier: usize) -> Option<Fault> {
    let text = Text::about(name);
    if multiplier == 0 {
        return Fault::of(
            Field::Setting("multiplier"),
            text.say(" has a multiplier of 0; each channel gives at least 1"),
        );
    }
    if multiplier > MAX_SIZE {
        return above_max(Field::Setting("multiplier"), text.say(" has a multiplier of "), multiplier);
    }
    None
}

/// Output padding chooses among the inputs that a convolution's floor, or its dilation, makes alike: beyond them it
/// would add cells that nothing reaches.
const fn output_padding(name: &str, conv: &ConvTransposeOp) -> Option<Fault> {
    let windows = conv.windows();
    let padding = conv.output_padding.split_at(3 - conv.rank).1;
    let mut i = 0;
    while i < windows.len() {
        let Window { stride, dilation, .. } = windows[i];
        let limit = if stride > dilation { stride } else { dilation };
        if padding[i] >= limit {
            let text = Text::about(name).say(" has an output padding of ").number(padding[i]);
            let text = text.say(", which must be less than its stride of ").number(stride);
            let text = text.say(" or its dilation of ").number(dilation);
            let text = match limit {
                1 => text.say("; remove it"),
                _ => text.say("; it may be at most ").number(limit - 1),
            };
            return Fault::of(Field::OutputPadding, text);
        }
        i += 1;
    }
    None
}

const fn groups_divide_output(name: &str, out: usize, groups: usize) -> Option<Fault> {
    if groups == 0 {
        return Fault::of(Field::Groups, Text::about(name).say(" has 0 groups; one group is an ordinary convolution"));
    }
    if out.is_multiple_of(groups) {
        return None;
    }
    let text = Text::about(name)
        .say(" splits ")
        .count(out, "output channel", "output channels")
        .say(" into ")
        .number(groups)
        .say(" groups, which leaves ")
        .number(out % groups);
    Fault::of(Field::Groups, nearest_multiples(text.say("; "), out, groups).say(" output channels would fit"))
}

const fn nearest_multiples(text: Text, n: usize, divisor: usize) -> Text {
    let below = n / divisor * divisor;
    let above = below.saturating_add(divisor);
    if below == 0 { text.number(above) } else { text.number(below).say(" or ").number(above) }
}

const fn dropout_probability(name: &str, probability: f32) -> Option<Fault> {
    if probability >= 0.0 && probability < 1.0 {
        return None;
    }
    let text = Text::about(name);
    let text = if probability < 0.0 {
        text.say(" drops values with a negative probability")
    } else {
        text.say(" drops every value, with a probability of 1 or more")
    };
    Fault::of(Field::Setting("probability"), text.say("; write a probability from 0 up to, not including, 1"))
}

const fn reshaped_sizes(name: &str, to: &Dims) -> Option<Fault> {
    let sizes = to.as_slice();
    let mut i = 0;
    while i < sizes.len() {
        let text = Text::about(name).say(" makes ").dims(to);
        if sizes[i] == 0 {
            return Fault::of(Field::Out, text.say(", which has no values; every size is at least 1"));
        }
        if sizes[i] > MAX_SIZE {
            return Fault::of(Field::Out, text.say("; the largest size is ").number(MAX_SIZE));
        }
        i += 1;
    }
    None
}

/// Each axis stands in the new order once.
const fn permuted_axes(name: &str, permutation: &Permutation) -> Option<Fault> {
    const FIELD: Field = Field::Setting("axes");
    let rank = permutation.rank;
    if rank < 2 {
        let text = Text::about(name).say(" orders a single axis, which has one order; remove it");
        return Fault::of(FIELD, text);
    }
    let mut times = [0; crate::dims::MAX_RANK];
    let mut i = 0;
    while i < rank {
        let axis = permutation.axes[i];
        if axis >= rank {
            let text = Text::about(name).say(" names axis ").number(axis).say(", but ").number(rank);
            return Fault::of(FIELD, text.say(" axes are numbered from 0 to ").number(rank - 1));
        }
        times[axis] += 1;
        i += 1;
    }
    let (mut twice, mut never) = (rank, rank);
    while i > 0 {
        i -= 1;
        twice = if times[i] > 1 { i } else { twice };
        never = if times[i] == 0 { i } else { never };
    }
    if twice == rank {
        return None;
    }
    let text = Text::about(name).say(" names axis ").number(twice).say(" more than once and axis ").number(never);
    Fault::of(FIELD, text.say(" never; each axis stands there once"))
}

const fn clamp_bounds(name: &str, low: f32, high: f32) -> Option<Fault> {
    if low <= high {
        return None;
    }
    Fault::of(Field::Setting("low"), Text::about(name).say(" has a `low` above its `high`; exchange them"))
}

const fn lrn_settings(name: &str, lrn: &LrnOp) -> Option<Fault> {
    let text = Text::about(name);
    if lrn.size == 0 {
        return Fault::of(Field::Setting("size"), text.say(" has a size of 0; a neighbourhood is at least 1 channel"));
    }
    if lrn.size > MAX_SIZE {
        return above_max(Field::Setting("size"), text.say(" has a size of "), lrn.size);
    }
    if lrn.alpha < 0.0 || lrn.alpha.is_nan() {
        let text = text.say(" has a negative `alpha`: the sum that it divides by could be 0; write 0 or more");
        return Fault::of(Field::Setting("alpha"), text);
    }
    if lrn.beta < 0.0 || lrn.beta.is_nan() {
        let text = text.say(" has a negative `beta`: it would amplify what it should dampen; write 0 or more");
        return Fault::of(Field::Setting("beta"), text);
    }
    if lrn.k <= 0.0 || lrn.k.is_nan() {
        let text = text.say(" has a `k` of 0 or less: channels of zeros would be divided by 0; write more than 0");
        return Fault::of(Field::Setting("k"), text);
    }
    None
}

const fn batch_norm_settings(name: &str, norm: &BatchNormOp) -> Option<Fault> {
    let text = Text::about(name);
    if norm.epsilon <= 0.0 || norm.epsilon.is_nan() {
        let text = text.say(" has an `epsilon` of 0 or less: a variance of 0 would be divided by; write more than 0");
        return Fault::of(Field::Setting("epsilon"), text.say(", such as `1e-5`"));
    }
    if norm.momentum < 0.0 || norm.momentum > 1.0 || norm.momentum.is_nan() {
        let text = text.say(" has a `momentum` outside 0 to 1; it is the share of a new batch in the running");
        return Fault::of(Field::Setting("momentum"), text.say(" statistics, as in PyTorch"));
    }
    None
}

const fn normalize_settings(name: &str, mean: &[f32], std: &[f32]) -> Option<Fault> {
    let text = Text::about(name);
    if mean.len() != std.len() {
        let text = text.say(" has ").count(mean.len(), "mean", "means").say(" and ");
        let text = text.count(std.len(), "standard deviation", "standard deviations");
        return Fault::of(Field::Setting("std"), text.say("; each channel has one of both"));
    }
    let mut i = 0;
    while i < std.len() {
        if std[i] <= 0.0 || std[i].is_nan() {
            let text = text.say(" divides channel ").number(i).say(" by a standard deviation of 0 or less");
            return Fault::of(Field::Setting("std"), text.say("; write more than 0"));
        }
        i += 1;
    }
    None
}

/// How the value before a layer is called: a layer's name, or the input.
const fn giver(text: Text, from: &str) -> Text {
    if from.is_empty() { text.say("the input is ") } else { text.code(from).say(" gives ") }
}

const fn rank(layer: &Layer<'_>, from: &str, input: &Dims) -> Option<Fault> {
    let (name, has) = (layer.name, input.rank());
    if let Op::GlobalPool(reduce) = layer.op
        && has == 1
    {
        let takes = match reduce {
            Reduce::Average => " takes the mean of each channel, but ",
            Reduce::Max => " takes the largest value of each channel, but ",
        };
        let text = giver(Text::about(name).say(takes), from).dims(input);
        return Fault::of(Field::Layer, text.say(", a vector without channels; put it before `flatten`"));
    }
    let needs = match layer.op.input_rank() {
        Some(needs) if needs != has => needs,
        _ => return None,
    };
    if let Op::Permute(_) = layer.op {
        let text = giver(Text::about(name).say(" orders ").number(needs).say(" axes but "), from).dims(input);
        let text = match has {
            1 if from.is_empty() => text.say(", which has one; remove it"),
            1 => text.say(", which has one; put it before `flatten`, or remove it"),
            _ => text.say(", which has ").number(has).say("; name each of 0 to ").number(has - 1).say(" once"),
        };
        return Fault::of(Field::Setting("axes"), text);
    }
    let text = giver(Text::about(name).say(" needs ").say(Dims::kind(needs)).say(" but "), from).dims(input);
    let text = match layer.op {
        Op::Linear(_) => text.say("; put `flatten` before it: ").number(input.len()).say(" values"),
        _ if has == 1 && from.is_empty() => text.say("; write the input as ").say(Dims::kind(needs)),
        _ if has == 1 => text.say(", a vector; put ").code(layer.op.keyword()).say(" before `flatten` and `linear`"),
        _ => {
            let text = text.say(", ").say(Dims::kind(has)).say("; did you mean ");
            text.code(keyword_of_rank(&layer.op, has - 1)).say("?")
        }
    };
    Fault::of(Field::Layer, text)
}

/// The keyword of the same layer over another number of spatial axes.
const fn keyword_of_rank(op: &Op, rank: usize) -> &'static str {
    match *op {
        Op::Conv(conv) => Op::Conv(ConvOp { rank, ..conv }).keyword(),
        Op::ConvTranspose(conv) => Op::ConvTranspose(ConvTransposeOp { rank, ..conv }).keyword(),
        Op::Pool(pool) => Op::Pool(PoolOp { rank, ..pool }).keyword(),
        _ => op.keyword(),
    }
}

const fn channels(
    name: &str,
    in_channels: Option<usize>,
    groups: usize,
    out: usize,
    from: &str,
    input: &Dims,
) -> Option<Fault> {
    let has = input.size(0);
    if let Some(expected) = in_channels
        && expected != has
    {
        let text = Text::about(name).say(" expects ").count(expected, "channel", "channels").say(" but ");
        let text = giver(text, from).dims(input).say("; remove `in_channels = ").number(expected).say("` to infer it");
        return Fault::of(Field::In, text);
    }
    if has.is_multiple_of(groups) {
        return None;
    }
    let text = Text::about(name).say(" splits the ").count(has, "channel", "channels").say(" of its input ");
    let text = text.dims(input).say(" into ").number(groups).say(" groups, which leaves ");
    let text = text.number(has % groups).say("; the number of groups must divide ").number(has);
    let text = text.say(" and ").number(out);
    Fault::of(Field::Groups, text)
}

/// Reshaping moves no value and makes none.
const fn reshaped_values(name: &str, to: &Dims, from: &str, input: &Dims) -> Option<Fault> {
    let (needs, has) = (to.len(), input.len());
    if needs == has {
        return None;
    }
    let text = Text::about(name).say(" makes ").dims(to).say(", ").count(needs, "value", "values").say(", but ");
    let text = giver(text, from).dims(input).say(", ").count(has, "value", "values");
    // The last size is the one that a change before this layer is least likely to have meant to keep.
    let (sizes, last) = to.as_slice().split_at(to.rank() - 1);
    let before = needs / last[0];
    let text = if sizes.is_empty() {
        text.say("; write `[").number(has).say("]`")
    } else if has.is_multiple_of(before) {
        text.list(sizes, "; write `[", ", ", ", ").number(has / before).say("]`")
    } else {
        text.say("; the product of its sizes must be ").number(has)
    };
    Fault::of(Field::Out, text)
}

const fn normalized_channels(name: &str, means: usize, from: &str, input: &Dims) -> Option<Fault> {
    if means == input.size(0) {
        return None;
    }
    let text = Text::about(name).say(" has means and standard deviations of ").count(means, "channel", "channels");
    let text = giver(text.say(" but "), from).dims(input);
    Fault::of(Field::Setting("mean"), text.say("; each channel has one of both"))
}

const fn features(name: &str, linear: &LinearOp, from: &str, input: &Dims) -> Option<Fault> {
    match linear.in_features {
        Some(expected) if expected != input.len() => {
            let text = Text::about(name).say(" expects ").count(expected, "input", "inputs").say(" but ");
            let text = giver(text, from).dims(input);
            let text = text.say("; remove `in_features = ").number(expected).say("` to infer it");
            Fault::of(Field::In, text)
        }
        _ => None,
    }
}

const fn flatten_of_vector(name: &str, from: &str, input: &Dims) -> Option<Fault> {
    if input.rank() != 1 {
        return None;
    }
    let text = giver(Text::about(name).say(" has nothing to flatten: "), from).dims(input);
    Fault::of(Field::Layer, text.say(", a vector already; remove it"))
}

/// Whether every window has at least one position, and padding leaves something of a transposed convolution.
const fn room(layers: &[Layer<'_>], index: usize, first: &Dims, input: &Dims) -> Option<Fault> {
    if let Op::ConvTranspose(conv) = &layers[index].op {
        return nothing_left(layers[index].name, conv, input);
    }
    let windows = layers[index].op.windows();
    let mut axis = 0;
    while axis < windows.len() {
        if !windows[axis].fits(input.size(1 + axis)) {
            return match &layers[index].op {
                Op::Pool(pool) => pool_has_no_room(layers, index, first, input, pool),
                _ => kernel_does_not_fit(layers[index].name, windows, input),
            };
        }
        axis += 1;
    }
    None
}

/// Padding of a transposed convolution takes from its output.
const fn nothing_left(name: &str, conv: &ConvTransposeOp, input: &Dims) -> Option<Fault> {
    let windows = conv.windows();
    let mut i = 0;
    while i < windows.len() {
        let window = &windows[i];
        let (n, added) = (input.size(1 + i), conv.output_padding[3 - conv.rank + i]);
        let [before, after] = window.pads();
        if window.transposed_output(n, added) == 0 {
            let all = Window { padding: Padding::Cells(0, 0), ..*window }.transposed_output(n, added);
            let text = Text::about(name).say(" leaves nothing of its ").dims(input).say(" input: ");
            let text = text.number(window.stride).say(" · (").number(n).say(" − 1) + ").number(window.extent());
            let text = if added > 0 { text.say(" + ").number(added) } else { text };
            let text = text.say(" = ").count(all, "cell", "cells").say(", and padding takes ");
            let text = text.number(before).say(" + ").number(after).say(" of them; ");
            let text = match (all - 1) / 2 {
                0 => text.say("remove the padding"),
                most => text.say("lower it to `padding = ").number(most).say("`"),
            };
            return Fault::of(Field::Padding, text);
        }
        i += 1;
    }
    None
}

/// What is the same for both: `` `conv2` does not fit: a 5x5 kernel on a [6, 4, 4] input (padding 0) ``.
const fn does_not_fit(name: &str, windows: &[Window], input: &Dims, window_is_a: &str) -> Text {
    let text = Text::about(name).say(" does not fit: ").article(windows[0].kernel);
    let text = sizes(text, windows, Number::Kernel).say(" ").say(window_is_a);
    let text = if windows[0].dilation > 1 || windows[windows.len() - 1].dilation > 1 {
        sizes(text.say(" that dilation spreads over "), windows, Number::Extent).say(" cells")
    } else {
        text
    };
    let text = text.say(" on a ").dims(input).say(" input (padding ");
    let pads = windows[0].pads();
    let mut same = true;
    let mut i = 0;
    while i < windows.len() {
        let own = windows[i].pads();
        same = same && own[0] == pads[0] && own[1] == pads[0];
        i += 1;
    }
    if same {
        return text.number(pads[0]).say(")");
    }
    let mut text = text;
    let mut i = 0;
    while i < windows.len() {
        let [before, after] = windows[i].pads();
        text = text.say(if i == 0 { "" } else { ", " }).number(before).say("+").number(after);
        i += 1;
    }
    text.say(")")
}

const fn kernel_does_not_fit(name: &str, windows: &[Window], input: &Dims) -> Option<Fault> {
    let text = does_not_fit(name, windows, input, "kernel").say("; the kernel may be at most ");
    let mut largest = [0; 3];
    let mut needed = 0;
    let mut padded = false;
    let mut i = 0;
    while i < windows.len() {
        let window = &windows[i];
        let n = input.size(1 + i);
        largest[i] = window.padded(n).saturating_sub(1) / window.dilation + 1;
        let missing = window.extent().saturating_sub(n).div_ceil(2);
        needed = if missing > needed { missing } else { needed };
        padded = padded || window.padded(n) > n;
        i += 1;
    }
    let text = text.by(largest.split_at(windows.len()).0);
    let text = text.say(if padded { ", or raise the padding to `padding = " } else { ", or add `padding = " });
    Fault::of(Field::Kernel, text.number(needed).say("`"))
}

/// Says how often the input was divided on the way, and from which input the pool would fit.
const fn pool_has_no_room(
    layers: &[Layer<'_>],
    index: usize,
    first: &Dims,
    input: &Dims,
    pool: &PoolOp,
) -> Option<Fault> {
    let windows = layers[index].op.windows();
    let mut text = does_not_fit(layers[index].name, windows, input, "window");
    let mut divided = 0;
    // Where the axes change their meaning, sizes of the first input tell nothing about this one's.
    let mut same_axes = true;
    let mut i = 0;
    while i < index {
        let before = layers[i].op.windows();
        same_axes = same_axes && !matches!(layers[i].op, Op::Reshape(_) | Op::Permute(_));
        if before.len() == windows.len() && (before[0].stride > 1 || before[before.len() - 1].stride > 1) {
            divided += 1;
        }
        i += 1;
    }
    if divided > 0 && same_axes && first.rank() == pool.rank + 1 {
        text = text.say("; ").by(first.spatial()).say(" has been divided ");
        text = text.count(divided, "time", "times").say(" before it: ");
        text = text.say("remove this layer, or start from at least ");
        let mut smallest = [0; 3];
        let mut axis = 0;
        while axis < windows.len() {
            smallest[axis] = smallest_input(layers, index, axis, first.size(1 + axis));
            axis += 1;
        }
        text = text.by(smallest.split_at(windows.len()).0);
    } else {
        text = text.say("; the window may be at most ").by(input.spatial());
    }
    Fault::of(Field::Layer, text)
}

/// The smallest size from `n` up of the network's input along `axis` for which every window up to `index` fits.
const fn smallest_input(layers: &[Layer<'_>], index: usize, axis: usize, n: usize) -> usize {
    let mut start = n;
    while start < n.saturating_mul(64) {
        let mut size = start;
        let mut fits = true;
        let mut i = 0;
        while i <= index && fits {
            let windows = layers[i].op.windows();
            if let Op::ConvTranspose(conv) = &layers[i].op {
                size = conv.windows()[axis].transposed_output(size, conv.output_padding[3 - conv.rank + axis]);
            }
            if axis < windows.len() {
                fits = windows[axis].fits(size);
                size = windows[axis].output(size, layers[i].op.rounding());
            }
            i += 1;
        }
        if fits {
            return start;
        }
        start += 1;
    }
    start
}

/// Strict networks lose no border.
const fn dropped(layer: &Layer<'_>, input: &Dims) -> Option<Fault> {
    let windows = layer.op.windows();
    let mut lost = [0; 3];
    let mut any = false;
    let mut i = 0;
    while i < windows.len() {
        lost[i] = windows[i].dropped(input.size(1 + i), layer.op.rounding());
        any = any || lost[i] > 0;
        i += 1;
    }
    if !any {
        return None;
    }
    let text = Text::about(layer.name).say(" never looks at the last ");
    let text = match windows.len() {
        1 => text.count(lost[0], "cell", "cells"),
        2 if lost[1] == 0 => text.count(lost[0], "row", "rows"),
        2 if lost[0] == 0 => text.count(lost[1], "column", "columns"),
        2 => text.count(lost[0], "row", "rows").say(" and ").count(lost[1], "column", "columns"),
        _ => text.by(&lost).say(" planes, rows and columns"),
    };
    let text = text.say(" of its ").dims(input).say(" input, and the network is `strict`; ");
    let text = match layer.op {
        Op::Pool(_) => text.say("use `ceil = true`, or change kernel, stride, padding or the input"),
        _ => text.say("change kernel, stride, padding or the input"),
    };
    Fault::of(Field::Layer, text)
}

/// Sizes of values and weights that no memory could hold.
const fn too_many(layer: &Layer<'_>, input: &Dims) -> Option<Fault> {
    let output = layer.op.output(input);
    if output.len() > MAX_LEN {
        let text = Text::about(layer.name).say(" gives ").dims(&output);
        let text = too_many_values(text, output.len());
        let text = match layer.op {
            Op::ConvTranspose(_) => text.say("; make it smaller by fewer channels or a smaller stride"),
            _ => text.say("; make it smaller by fewer channels or a larger stride"),
        };
        return Fault::of(Field::Out, text);
    }
    let weight = layer.op.weight(input);
    if weight.len() <= MAX_LEN {
        return None;
    }
    let text = Text::about(layer.name).say(" has a weight of ").list(weight.as_slice(), "[", ", ", "]");
    let text = too_many_values(text, weight.len());
    let text = match layer.op {
        Op::Linear(_) => text.say("; make its input smaller by pooling, or its output by fewer features"),
        _ => text.say("; make it smaller by fewer channels or more groups"),
    };
    Fault::of(Field::Out, text)
}

const fn too_many_values(text: Text, len: usize) -> Text {
    let text = if len == usize::MAX {
        text.say(", too many values to count")
    } else {
        text.say(", ").number(len).say(" values")
    };
    text.say(", but a tensor holds at most ").number(MAX_LEN)
}

#[derive(Clone, Copy)]
enum Number {
    Kernel,
    Extent,
}

const fn sizes(text: Text, windows: &[Window], which: Number) -> Text {
    let mut list = [0; 3];
    let mut i = 0;
    while i < windows.len() {
        list[i] = match which {
            Number::Kernel => windows[i].kernel,
            Number::Extent => windows[i].extent(),
        };
        i += 1;
    }
    text.by(list.split_at(windows.len()).0)
}
