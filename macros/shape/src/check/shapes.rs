//! Shapes as a whole: the number of axes, their order, the number of values.

use super::{Fault, Field, Layer, giver};
use crate::dims::{Dims, MAX_LEN, MAX_SIZE};
use crate::op::{ConvOp, ConvTransposeOp, Op, OwnOp, Permutation, PoolOp, Reduce};
use crate::text::Text;

pub(super) const fn rank(layer: &Layer<'_>, from: &str, input: &Dims) -> Option<Fault> {
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
pub(super) const fn keyword_of_rank(op: &Op, rank: usize) -> &'static str {
    match *op {
        Op::Conv(conv) => Op::Conv(ConvOp { rank, ..conv }).keyword(),
        Op::ConvTranspose(conv) => Op::ConvTranspose(ConvTransposeOp { rank, ..conv }).keyword(),
        Op::Pool(pool) => Op::Pool(PoolOp { rank, ..pool }).keyword(),
        _ => op.keyword(),
    }
}

pub(super) const fn reshaped_sizes(name: &str, to: &Dims) -> Option<Fault> {
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

/// What a layer of a type of its own is stated to give holds values.
pub(super) const fn own_sizes(name: &str, own: &OwnOp) -> Option<Fault> {
    let sizes = own.output.as_slice();
    let mut i = 0;
    while i < sizes.len() {
        let text = Text::about(name).say(" is stated to give ").dims(&own.output);
        if sizes[i] == 0 {
            return Fault::of(Field::Assertion, text.say(", which has no values; every size is at least 1"));
        }
        if sizes[i] > MAX_SIZE {
            return Fault::of(Field::Assertion, text.say("; the largest size is ").number(MAX_SIZE));
        }
        i += 1;
    }
    None
}

/// A network takes inputs of its own sizes alone.
pub(super) const fn taken_sizes(name: &str, own: &OwnOp, from: &str, input: &Dims) -> Option<Fault> {
    match &own.input {
        Some(takes) if !takes.equals(input) => {
            let text = Text::about(name).say(" is the network ").code(own.keyword).say(" and takes ").dims(takes);
            let text = giver(text.say(" but "), from).dims(input);
            Fault::of(Field::Layer, text.say("; a network takes inputs of one size"))
        }
        _ => None,
    }
}

/// Each axis stands in the new order once.
pub(super) const fn permuted_axes(name: &str, permutation: &Permutation) -> Option<Fault> {
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

/// Reshaping moves no value and makes none.
pub(super) const fn reshaped_values(name: &str, to: &Dims, from: &str, input: &Dims) -> Option<Fault> {
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

pub(super) const fn flatten_of_vector(name: &str, from: &str, input: &Dims) -> Option<Fault> {
    if input.rank() != 1 {
        return None;
    }
    let text = giver(Text::about(name).say(" has nothing to flatten: "), from).dims(input);
    Fault::of(Field::Layer, text.say(", a vector already; remove it"))
}

/// Sizes of values and weights that no memory could hold.
pub(super) const fn too_many(layer: &Layer<'_>, input: &Dims, output: &Dims) -> Option<Fault> {
    if output.len() > MAX_LEN {
        let text = Text::about(layer.name).say(" gives ").dims(output);
        let text = too_many_values(text, output.len());
        let text = match layer.op {
            Op::Concat | Op::Add | Op::Heads => text.say("; make its paths smaller"),
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

pub(super) const fn too_many_values(text: Text, len: usize) -> Text {
    let text = if len == usize::MAX {
        text.say(", too many values to count")
    } else {
        text.say(", ").number(len).say(" values")
    };
    text.say(", but a tensor holds at most ").number(MAX_LEN)
}
