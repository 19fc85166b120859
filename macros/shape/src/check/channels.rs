//! Channels and features: how many there are, and how groups split them.

use super::{Fault, Field, above_max, giver};
use crate::dims::{Dims, MAX_SIZE};
use crate::op::LinearOp;
use crate::text::Text;

pub(super) const fn out_size(name: &str, out: usize, what: &str) -> Option<Fault> {
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

pub(super) const fn multiplier(name: &str, multiplier: usize) -> Option<Fault> {
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

pub(super) const fn groups_divide_output(name: &str, out: usize, groups: usize) -> Option<Fault> {
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

pub(super) const fn nearest_multiples(text: Text, n: usize, divisor: usize) -> Text {
    let below = n / divisor * divisor;
    let above = below.saturating_add(divisor);
    if below == 0 { text.number(above) } else { text.number(below).say(" or ").number(above) }
}

pub(super) const fn channels(
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

pub(super) const fn normalized_channels(name: &str, means: usize, from: &str, input: &Dims) -> Option<Fault> {
    if means == input.size(0) {
        return None;
    }
    let text = Text::about(name).say(" has means and standard deviations of ").count(means, "channel", "channels");
    let text = giver(text.say(" but "), from).dims(input);
    Fault::of(Field::Setting("mean"), text.say("; each channel has one of both"))
}

pub(super) const fn features(name: &str, linear: &LinearOp, from: &str, input: &Dims) -> Option<Fault> {
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
