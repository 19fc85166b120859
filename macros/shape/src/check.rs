//! What can be wrong with a declaration, and the sentence that says it.
//!
//! Every check is a `const fn` from numbers to an optional [`Fault`]: the field that is guilty and the sentence.
//! The macro runs them on literals and underlines the field; rustc runs them on constant expressions and underlines
//! the layer ([`require`]). A sentence is lower case and has no full stop: what was found, what is needed; the way
//! out. [`on_its_own`] holds the checks that need no input, [`on_input`] those that do: a caller that does not know
//! a layer's input, because a layer before it is wrong, still runs the first and stays silent about the second.

mod channels;
mod joins;
mod settings;
mod shapes;
mod windows;

use crate::dims::{Dims, MAX_LEN, MAX_SIZE};
use crate::graph::{self, Reads};
use crate::op::{Activation, Channels, ConvOp, Op};
use crate::text::Text;
use channels::{channels, features, groups_divide_output, multiplier, normalized_channels, out_size};
use joins::{different_paths, one_path};
use settings::{batch_norm_settings, clamp_bounds, dropout_probability, lrn_settings, normalize_settings};
use shapes::{
    flatten_of_vector, own_sizes, permuted_axes, rank, reshaped_sizes, reshaped_values, taken_sizes, too_many,
    too_many_values,
};
use windows::{dropped, output_padding, room, window_numbers};

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
        Op::Concat | Op::Add | Op::Heads => one_path(layer),
        Op::Own(own) => own_sizes(name, own),
    }
}

/// Checks layer `index` against what it reads; `values` are the network's input and the outputs of the layers before.
pub const fn on_input(layers: &[Layer<'_>], index: usize, values: &[Dims], strict: bool) -> Option<Fault> {
    let layer = &layers[index];
    if layer.op.is_join() {
        return joined(layers, index, values);
    }
    let (from, input) = (giver_of(layers, layer.reads.first()), &values[layer.reads.first()]);
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
        Op::Own(own) => taken_sizes(layer.name, own, from, input),
        _ => None,
    };
    if fault.is_some() {
        return fault;
    }
    if let Some(fault) = room(layers, index, &values[0], input) {
        return Some(fault);
    }
    if strict && let Some(fault) = dropped(layer, input) {
        return Some(fault);
    }
    too_many(layer, input, &layer.op.output(input))
}

/// Checks a join against the paths that it brings together.
const fn joined(layers: &[Layer<'_>], index: usize, values: &[Dims]) -> Option<Fault> {
    let layer = &layers[index];
    if !matches!(layer.op, Op::Heads)
        && let Some(fault) = different_paths(layer, values)
    {
        return Some(fault);
    }
    let output = graph::output(&layer.op, &layer.reads, values);
    if let Some(fault) = out_size(layer.name, output.size(0), "output channels") {
        return Some(Fault { field: Field::Layer, ..fault });
    }
    too_many(layer, &values[layer.reads.first()], &output)
}

/// The name of the layer that gives value `value`; empty for the network's input.
const fn giver_of<'a>(layers: &[Layer<'a>], value: usize) -> &'a str {
    if value == 0 { "" } else { layers[value - 1].name }
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

/// Checks the output that a network declares for one of its heads against what `last`, the last layer of that, gives;
/// `last` is empty where that is the network's input.
pub const fn head_output(head: &str, last: &str, output: &Dims, declared: &Dims) -> Option<Text> {
    if declared.equals(output) {
        return None;
    }
    let text = Text::about(head).say(" is declared to give ").dims(declared).say(" but ");
    let text = if last.is_empty() { text } else { text.say("its last layer ") };
    let text = giver(text, last).dims(output).say("; write ");
    Some(text.say("`").say(head).say(": ").dims(output).say("` or change the layers"))
}

/// Checks what a layer of a type of its own is stated to give against what it gives; of a network, [`assertion`] has done
/// so.
pub const fn own_output(layer: &Layer<'_>, gives: &Dims) -> Option<Text> {
    match (&layer.op, assertion(layer, gives)) {
        (Op::Own(own), Some(fault)) if own.input.is_none() && own_sizes("", own).is_none() => Some(fault.text),
        _ => None,
    }
}

/// What a `const _` in an expansion evaluates for layer `index` of a network with `VALUES` values, its input and one for
/// each layer: panics with the sentence if the layer is wrong.
///
/// Silent if a layer that it depends on is wrong already and its input therefore unknown.
#[track_caller]
pub const fn require<const VALUES: usize>(layers: &[Layer<'_>], index: usize, first: &Dims, strict: bool) {
    let (values, known) = values::<VALUES>(layers, index, first, strict);
    let fault = match all_known(&layers[index].reads, &known) {
        true => any(layers, index, &values, strict),
        false => on_its_own(&layers[index]),
    };
    if let Some(fault) = fault {
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
pub const fn require_output<const VALUES: usize>(
    network: &str,
    layers: &[Layer<'_>],
    first: &Dims,
    declared: &Dims,
    strict: bool,
) {
    let last = layers.len() - 1;
    let (values, known) = values::<VALUES>(layers, layers.len(), first, strict);
    if known[last + 1]
        && let Some(text) = network_output(network, layers[last].name, &values[last + 1], declared)
    {
        panic!("{}", text.as_str());
    }
}

/// [`head_output`] of value `value` as a `const _` evaluates it; silent if a layer is wrong and the value therefore unknown.
#[track_caller]
pub const fn require_head<const VALUES: usize>(
    (head, declared): (&str, &Dims),
    value: usize,
    layers: &[Layer<'_>],
    first: &Dims,
    strict: bool,
) {
    let (values, known) = values::<VALUES>(layers, layers.len(), first, strict);
    if known[value]
        && let Some(text) = head_output(head, giver_of(layers, value), &values[value], declared)
    {
        panic!("{}", text.as_str());
    }
}

/// All checks of one layer, in the order a reader would make them.
pub const fn any(layers: &[Layer<'_>], index: usize, values: &[Dims], strict: bool) -> Option<Fault> {
    let layer = &layers[index];
    if let Some(fault) = on_its_own(layer) {
        return Some(fault);
    }
    if let Some(fault) = on_input(layers, index, values, strict) {
        return Some(fault);
    }
    assertion(layer, &graph::output(&layer.op, &layer.reads, values))
}

/// Whether the output of a layer is known although its input is not.
pub const fn output_without_input(op: &Op) -> Option<Dims> {
    match op {
        Op::Linear(linear) if linear.out_features > 0 && linear.out_features <= MAX_SIZE => {
            Some(Dims::new(&[linear.out_features]))
        }
        Op::Reshape(to) if reshaped_sizes("", to).is_none() => Some(*to),
        Op::Own(own) if own_sizes("", own).is_none() => Some(own.output),
        _ => None,
    }
}

/// Whether all values that a layer reads are known.
const fn all_known(reads: &Reads, known: &[bool]) -> bool {
    let mut i = 0;
    while i < reads.count() {
        if !known[reads.value(i)] {
            return false;
        }
        i += 1;
    }
    true
}

/// The values before layer `index`, and which of them are known: not those that depend on a wrong layer.
const fn values<const VALUES: usize>(
    layers: &[Layer<'_>],
    index: usize,
    first: &Dims,
    strict: bool,
) -> ([Dims; VALUES], [bool; VALUES]) {
    let (mut values, mut known) = ([Dims::new(&[]); VALUES], [false; VALUES]);
    values[0] = *first;
    known[0] = network_input("", first).is_none();
    let mut i = 0;
    while i < index {
        let layer = &layers[i];
        // An assertion that differs does not make the output unknown.
        let right = all_known(&layer.reads, &known)
            && on_its_own(layer).is_none()
            && on_input(layers, i, &values, strict).is_none();
        let output = match right {
            true => Some(graph::output(&layer.op, &layer.reads, &values)),
            false => output_without_input(&layer.op),
        };
        if let Some(dims) = output {
            (values[i + 1], known[i + 1]) = (dims, true);
        }
        i += 1;
    }
    (values, known)
}

const fn above_max(field: Field, text: Text, size: usize) -> Option<Fault> {
    Fault::of(field, text.number(size).say("; the largest size is ").number(MAX_SIZE))
}

/// How the value before a layer is called: a layer's name, or the input.
const fn giver(text: Text, from: &str) -> Text {
    if from.is_empty() { text.say("the input is ") } else { text.code(from).say(" gives ") }
}
