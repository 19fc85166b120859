//! `skip(layer)`: a value used again further down.
//!
//! Layers between a value and the join that takes it up again are a path of that join: `a, b, c, concat { skip(a),
//! identity }` means `a, concat { identity, { b, c, identity } }`. Skips therefore nest, as encoders and decoders do.

use syn::Expr;

use super::size::bare;
use crate::ast::{self, Call, Join, Part};
use crate::report::Report;

/// Layers as they are put in.
pub enum Piece<'a> {
    /// As written.
    Written(&'a ast::Layer),
    /// A join with a path that skips the layers `between`; they belong to its other path.
    Over { join: &'a ast::Layer, between: Vec<Piece<'a>> },
}

/// Finds the joins that reach back over layers of this row.
pub fn arrange(layers: &[ast::Layer]) -> Vec<Piece<'_>> {
    let reaches_back = |end: usize| Some((target(layers, end)?, end));
    // The last join reaches back furthest: others lie within or before.
    let Some((from, join)) = (0..layers.len()).rev().find_map(reaches_back) else {
        return layers.iter().map(Piece::Written).collect();
    };
    let mut pieces = arrange(&layers[..=from]);
    pieces.push(Piece::Over { join: &layers[join], between: arrange(&layers[from + 1..join]) });
    pieces.extend(layers[join + 1..].iter().map(Piece::Written));
    pieces
}

/// The layer before `join` that a path of it takes up again.
fn target(layers: &[ast::Layer], join: usize) -> Option<usize> {
    let Some(Part::Join(Join { paths, .. })) = &layers[join].part else { return None };
    let names: Vec<String> = paths.iter().filter_map(|path| name(begins_with_skip(path)?)).collect();
    let found = |layer: &ast::Layer| layer.name.as_ref().is_some_and(|own| names.iter().any(|name| own == name));
    layers[..join].iter().position(found)
}

/// The first `skip` of a join that names another layer than the one before it.
pub fn other_target(join: &Join) -> Option<&Call> {
    let mut skips = join.paths.iter().filter_map(begins_with_skip);
    let first = name(skips.next()?);
    skips.find(|call| name(call) != first)
}

/// The `skip(…)` that a path begins with.
pub fn begins_with_skip(path: &ast::Layer) -> Option<&Call> {
    match &path.part {
        Some(Part::Call(call)) if call.is("skip") => Some(call),
        Some(Part::Group(group)) => match &group.layers.first()?.part {
            Some(Part::Call(call)) if call.is("skip") => Some(call),
            _ => None,
        },
        _ => None,
    }
}

/// The layer that `skip(layer)` names.
pub fn name(call: &Call) -> Option<String> {
    match call.arguments.as_ref()?.list.as_slice() {
        [one] if one.field.is_none() => match bare(&one.value) {
            Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
            _ => None,
        },
        _ => None,
    }
}

/// A `skip` whose layer does not stand before its join in one row.
pub fn out_of_reach(call: &Call, report: &mut Report) {
    match name(call) {
        Some(name) => report.at(
            call,
            format!(
                "`skip({name})` finds no layer or group named `{name}` before this join in the same row of layers; where skips \
                 overlap, one lies within the other"
            ),
        ),
        None => report.at(call, "`skip` takes the name of a layer before: `concat { skip(encoder1), identity }`"),
    }
}
