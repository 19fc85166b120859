//! `heads { … }`: the outputs of a network that has several.
//!
//! The paths of heads may end in heads again, whose outputs are outputs of the network as well. So heads that begin at
//! several layers are written flat, `a, b, heads { early: skip(a), late: identity }`, and mean `a, heads { early:
//! identity, { b, heads { late: identity } } }`.

use std::collections::HashMap;

use convnet_shape::op::Op;
use proc_macro2::{Ident, TokenStream};
use syn::token;

use super::skip::{begins_with_skip, name};
use crate::ast::{Group, Join, Layer, Part};
use crate::model::{self, Head, Operation};
use crate::report::Report;

/// By the index of `heads` among the layers: for each path the name that it was given, and how it is written.
pub type Ends = HashMap<usize, Vec<(Option<Ident>, TokenStream)>>;

/// Layers whose last is `heads` over several earlier ones, with the paths from the first of these outside and the others
/// within; `None` where nothing is to be nested.
pub fn nested(layers: &[Layer]) -> Option<Vec<Layer>> {
    let (last, before) = layers.split_last()?;
    let Some(Part::Join(join)) = &last.part else { return None };
    let target = |path: &Layer| {
        let skipped = name(begins_with_skip(path)?)?;
        before.iter().position(|layer| layer.name.as_ref().is_some_and(|own| *own == skipped))
    };
    let first = join.paths.iter().filter_map(target).min().filter(|_| join.keyword == "heads")?;
    let (outer, inner): (Vec<&Layer>, Vec<&Layer>) = join.paths.iter().partition(|path| target(path) == Some(first));
    if inner.is_empty() || matches!(inner.as_slice(), [one] if begins_with_skip(one).is_none()) {
        return None;
    }
    let heads = |paths: Vec<Layer>| {
        let part = Part::Join(Join { keyword: join.keyword.clone(), brace: join.brace, paths });
        Layer { part: Some(part), name: None, file_name: None, assertion: None }
    };
    let mut between = before[first + 1..].to_vec();
    between.push(heads(inner.into_iter().cloned().collect()));
    let group = Part::Group(Group { brace: token::Brace::default(), layers: between });
    let mut paths: Vec<Layer> = outer.into_iter().cloned().collect();
    paths.push(Layer { part: Some(group), name: None, file_name: None, assertion: None });
    let mut layers = before[..=first].to_vec();
    layers.push(heads(paths));
    Some(layers)
}

/// The outputs of a network whose last value is `last`, in the order in which they lie in memory; empty if it has one.
pub fn flattened(layers: &[model::Layer], ends: &Ends, last: usize, report: &mut Report) -> Vec<Head> {
    let mut heads = Vec::new();
    let mut reached = Vec::new();
    let all_named = collect(layers, ends, last, &mut heads, &mut reached, report);
    for (index, layer) in layers.iter().enumerate() {
        if matches!(layer.operation, Operation::Plain(Op::Heads)) && !reached.contains(&index) {
            report.at(
                &layer.tokens,
                "`heads` are the outputs of a network: they stand last, and no layer goes on from them",
            );
        }
    }
    for (index, head) in heads.iter().enumerate() {
        if heads[..index].iter().any(|earlier: &Head| earlier.name == head.name) {
            let sentence = format!("two heads are named `{}`; choose another name for one", head.name);
            report.at(&head.name, sentence);
            return Vec::new();
        }
    }
    if all_named { heads } else { Vec::new() }
}

/// Whether all heads from `value` up have a name.
fn collect(
    layers: &[model::Layer],
    ends: &Ends,
    value: usize,
    heads: &mut Vec<Head>,
    reached: &mut Vec<usize>,
    report: &mut Report,
) -> bool {
    let Some(index) = value.checked_sub(1).filter(|index| ends.contains_key(index)) else { return true };
    reached.push(index);
    let mut all_named = true;
    for (value, (name, path)) in layers[index].reads.values().zip(&ends[&index]) {
        match (name, value.checked_sub(1).is_some_and(|index| ends.contains_key(&index))) {
            (_, true) => all_named &= collect(layers, ends, value, heads, reached, report),
            (Some(name), false) => heads.push(Head { name: name.clone(), value }),
            (None, false) => {
                report.at(
                    path,
                    "a head needs a name, which becomes the field of the output: `heads { scores: linear(10), boxes: linear(4) }`",
                );
                all_named = false;
            }
        }
    }
    all_named
}
