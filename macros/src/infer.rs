//! Shapes through the network, as far as literals carry, and the mistakes in them.
//!
//! The arithmetic and the sentences are `convnet_shape`'s. Where a size is an expression, or the input of a layer
//! depends on one, the layer is left to rustc: [`Facts::left_to_rustc`].

use convnet_shape::check::{self, Fault};
use convnet_shape::dims::Dims;
use convnet_shape::graph::{self, Reads};
use convnet_shape::text::Text;

use crate::model::{Layer, Network, Operation, Output, Shape};
use crate::report::Report;

/// What is known about a network.
pub struct Facts {
    /// The output of each layer, where literals tell it.
    pub outputs: Vec<Option<Dims>>,
    /// Whether the macro could not check each layer because a size is an expression.
    pub left_to_rustc: Vec<bool>,
    /// The same for each declared output.
    pub outputs_left_to_rustc: Vec<bool>,
    /// For each layer that cannot take its input because of the number of its axes, how many it needs. Without
    /// expressions the network is reported; with expressions rustc knows the sizes, and says them.
    pub misfits: Vec<Option<usize>>,
}

/// What is known of the value between two layers.
#[derive(Clone, Copy)]
enum Value {
    Known(Dims),
    /// It depends on an expression.
    Expression,
    /// A layer before it is wrong.
    Broken,
}

/// Infers all shapes and reports what does not fit.
pub fn infer(network: &Network, report: &mut Report) -> Facts {
    let name = network.item.as_ref().map_or_else(|| "this network".to_owned(), |item| item.head.name.to_string());
    let mut values = vec![input(network, &name, report)];
    let mut facts = Facts {
        outputs: Vec::new(),
        left_to_rustc: Vec::new(),
        outputs_left_to_rustc: Vec::new(),
        misfits: misfits(network),
    };
    let mut known: Vec<check::Layer<'_>> = Vec::new();
    for layer in &network.layers {
        let own = layer.known();
        let literals = literals(layer, report);
        let reads = all_of(&values, &layer.reads);
        let (next, left) = match own {
            None if literals.is_some() => (Value::Broken, false),
            None if matches!(layer.operation, Operation::Own(_)) && !layer.unread() => stated(layer, reads),
            None if layer.unread() || matches!(reads, Value::Broken) => (Value::Broken, false),
            None => (Value::Expression, true),
            Some(own) => {
                known.push(own);
                let fault = fault(&known, &values, reads, network.strict);
                if let Some(fault) = &fault {
                    report.at(layer.guilty(fault.field), fault.text);
                }
                (output(&own, &values, reads, fault), matches!(reads, Value::Expression))
            }
        };
        values.push(next);
        facts.outputs.push(if let Value::Known(dims) = next { Some(dims) } else { None });
        facts.left_to_rustc.push(left);
        if own.is_none() {
            // Later sentences look back at other layers by index; a layer that is not known stands in as an identity.
            let op = convnet_shape::op::Op::Flatten;
            known.push(check::Layer { name: &layer.name, op, reads: layer.reads, asserted: None });
        }
    }
    facts.outputs_left_to_rustc = declared_outputs(network, &name, &values, report);
    facts
}

/// What a layer of a type of its own is stated to give; rustc holds that against the type.
fn stated(layer: &Layer, reads: Value) -> (Value, bool) {
    let left = !matches!(reads, Value::Broken);
    match layer.assertion.as_ref().map(Shape::known) {
        Some(Some(dims)) => (Value::Known(dims), left),
        Some(None) => (Value::Expression, left),
        None => (Value::Broken, false),
    }
}

/// What is known of all values that a layer reads: the first, if they all are.
fn all_of(values: &[Value], reads: &Reads) -> Value {
    let broken = reads.values().find(|value| matches!(values[*value], Value::Broken));
    let unknown = reads.values().find(|value| !matches!(values[*value], Value::Known(_)));
    values[broken.or(unknown).unwrap_or(reads.first())]
}

/// The values as the checks want them, without sizes where nothing is known.
fn dims(values: &[Value]) -> Vec<Dims> {
    values.iter().map(|value| if let Value::Known(dims) = value { *dims } else { Dims::new(&[]) }).collect()
}

/// The first mistake that the literals of a layer make whatever its expressions are.
fn literals(layer: &Layer, report: &mut Report) -> Option<Fault> {
    if layer.known().is_some() {
        return None;
    }
    let op = layer.operation.literals()?;
    let fault = check::on_its_own(&check::Layer { name: &layer.name, op, reads: layer.reads, asserted: None })?;
    report.at(layer.guilty(fault.field), fault.text);
    Some(fault)
}

fn misfits(network: &Network) -> Vec<Option<usize>> {
    let mut ranks = vec![network.input.sizes.len()];
    let mut misfits = Vec::new();
    for layer in &network.layers {
        let rank = ranks[layer.reads.first()];
        let needs = layer.operation.input_rank(rank);
        misfits.push((needs != rank).then_some(needs));
        ranks.push(layer.output_rank(needs));
    }
    misfits
}

fn input(network: &Network, name: &str, report: &mut Report) -> Value {
    if network.input.unread {
        return Value::Broken;
    }
    let Some(dims) = network.input.known() else { return Value::Expression };
    match check::network_input(name, &dims) {
        Some(text) => {
            report.at(&network.input.tokens, text);
            Value::Broken
        }
        None => Value::Known(dims),
    }
}

/// The first thing that is wrong with the last of `layers`; without a known first input, no sentence can say from which
/// input the layer would fit.
fn fault(layers: &[check::Layer<'_>], values: &[Value], reads: Value, strict: bool) -> Option<Fault> {
    let index = layers.len() - 1;
    match reads {
        Value::Known(_) => check::any(layers, index, &dims(values), strict),
        Value::Expression | Value::Broken => check::on_its_own(&layers[index]),
    }
}

fn output(layer: &check::Layer<'_>, values: &[Value], reads: Value, fault: Option<Fault>) -> Value {
    let wrong = fault.is_some_and(|fault| fault.field != check::Field::Assertion);
    match reads {
        Value::Known(_) if !wrong => Value::Known(graph::output(&layer.op, &layer.reads, &dims(values))),
        _ => match check::output_without_input(&layer.op) {
            Some(dims) => Value::Known(dims),
            None if wrong => Value::Broken,
            None => reads,
        },
    }
}

/// Checks the declared outputs; for each whether that is left to rustc.
fn declared_outputs(network: &Network, name: &str, values: &[Value], report: &mut Report) -> Vec<bool> {
    let (Some(item), Some(last)) = (&network.item, network.layers.last()) else { return Vec::new() };
    match &item.output {
        Output::One(shape) => vec![declared_output(values[values.len() - 1], shape, report, |output, declared| {
            check::network_output(name, &last.name, output, declared)
        })],
        Output::Heads { heads, .. } => {
            let heads = heads.iter().map(|(name, shape)| {
                let Some(head) = network.heads.iter().find(|head| head.name == *name) else { return false };
                let last = head.value.checked_sub(1).map_or("", |layer| &network.layers[layer].name);
                declared_output(values[head.value], shape, report, |output, declared| {
                    check::head_output(&name.to_string(), last, output, declared)
                })
            });
            heads.collect()
        }
    }
}

fn declared_output(
    value: Value,
    declared: &Shape,
    report: &mut Report,
    fault: impl Fn(&Dims, &Dims) -> Option<Text>,
) -> bool {
    let known = match value {
        Value::Known(output) => declared.known_beside(&output),
        _ => declared.known(),
    };
    match (value, known) {
        (Value::Known(output), Some(dims)) => {
            if let Some(text) = fault(&output, &dims) {
                report.at(&declared.tokens, text);
            }
            false
        }
        (Value::Broken, _) => false,
        _ => !declared.unread,
    }
}
