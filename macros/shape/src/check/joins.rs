//! Joins: whether parallel paths come together.

use super::{Fault, Field, Layer};
use crate::dims::Dims;
use crate::op::Op;
use crate::text::Text;

/// A join brings something together.
pub(super) const fn one_path(layer: &Layer<'_>) -> Option<Fault> {
    if layer.reads.count() != 1 {
        return None;
    }
    if let Op::Heads = layer.op {
        let text = Text::about(layer.name).say(" has one head; a network with one output declares its sizes: ");
        return Fault::of(Field::Layer, text.say("write its layers without `heads`, and `-> [N]`"));
    }
    let text = Text::about(layer.name).say(" has one path, so there is nothing to ").say(verb(&layer.op));
    Fault::of(Field::Layer, text.say("; write its layers without it, or add `identity` as a second path"))
}

/// Paths of `concat` differ in their channels alone, paths of `add` in nothing.
pub(super) const fn different_paths(layer: &Layer<'_>, values: &[Dims]) -> Option<Fault> {
    let paths = &layer.reads;
    let first = &values[paths.first()];
    let mut other = 1;
    while other < paths.count() {
        let dims = &values[paths.value(other)];
        let text = Text::about(layer.name).say(" cannot ").say(verb(&layer.op)).say(" ");
        if dims.rank() != first.rank() {
            let text = all_paths(text, layer, values).say(": path ").number(other + 1).say(" gives ");
            let text = text.say(Dims::kind(dims.rank())).say(", path 1 ").say(Dims::kind(first.rank()));
            return Fault::of(Field::Layer, text.say("; end all paths in the same kind of value"));
        }
        let from = if matches!(layer.op, Op::Concat) { 1 } else { 0 };
        if differ(first, dims, from) {
            let text = all_paths(text, layer, values).say(": path ").number(other + 1).say(" differs in ");
            let text = axes(text, first, dims, from);
            let text = match layer.op {
                Op::Concat => text.say(
                    "; only channels may differ: give the paths the same strides, and padding that keeps the size",
                ),
                _ if first.size(0) != dims.size(0) && first.rank() > 1 => {
                    let text = text.say("; all sizes must be equal: bring the shorter path there by a ");
                    let text = if first.rank() == 2 { text.say("`conv1d` of ") } else { text.say("convolution of ") };
                    text.number(if first.size(0) > dims.size(0) { first.size(0) } else { dims.size(0) })
                        .say(" channels, kernel 1 and the stride of the other")
                }
                _ if first.rank() == 1 => text.say("; all sizes must be equal: end the paths in as many features"),
                _ => text
                    .say("; all sizes must be equal: give the paths the same strides, and padding that keeps the size"),
            };
            return Fault::of(Field::Layer, text);
        }
        other += 1;
    }
    None
}

const fn verb(op: &Op) -> &'static str {
    if matches!(op, Op::Concat) { "concatenate" } else { "add" }
}

/// `[64, 28, 28], [128, 28, 28] and [32, 14, 14]`.
const fn all_paths(text: Text, layer: &Layer<'_>, values: &[Dims]) -> Text {
    let paths = &layer.reads;
    let mut text = text;
    let mut i = 0;
    while i < paths.count() {
        text = match i {
            0 => text,
            _ if i + 1 == paths.count() => text.say(" and "),
            _ => text.say(", "),
        };
        text = text.dims(&values[paths.value(i)]);
        i += 1;
    }
    text
}

/// Whether two shapes of one rank differ from axis `from` on.
const fn differ(a: &Dims, b: &Dims, from: usize) -> bool {
    let mut axis = from;
    while axis < a.rank() {
        if a.size(axis) != b.size(axis) {
            return true;
        }
        axis += 1;
    }
    false
}

/// `height (28 and 14) and width (28 and 14)`.
const fn axes(text: Text, a: &Dims, b: &Dims, from: usize) -> Text {
    let mut text = text;
    let mut left = 0;
    let mut axis = from;
    while axis < a.rank() {
        left += (a.size(axis) != b.size(axis)) as usize;
        axis += 1;
    }
    axis = from;
    let mut said = false;
    while axis < a.rank() {
        if a.size(axis) != b.size(axis) {
            left -= 1;
            text = match said {
                false => text,
                true if left == 0 => text.say(" and "),
                true => text.say(", "),
            };
            text = text.say(Dims::axis(a.rank(), axis)).say(" (").number(a.size(axis)).say(" and ");
            text = text.number(b.size(axis)).say(")");
            said = true;
        }
        axis += 1;
    }
    text
}
