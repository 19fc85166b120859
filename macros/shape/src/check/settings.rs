//! Settings that are no sizes: probabilities, slopes, what is added to a divisor.

use super::{Fault, Field, above_max};
use crate::dims::MAX_SIZE;
use crate::op::{BatchNormOp, LrnOp};
use crate::text::Text;

pub(super) const fn dropout_probability(name: &str, probability: f32) -> Option<Fault> {
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

pub(super) const fn clamp_bounds(name: &str, low: f32, high: f32) -> Option<Fault> {
    if low <= high {
        return None;
    }
    Fault::of(Field::Setting("low"), Text::about(name).say(" has a `low` above its `high`; exchange them"))
}

pub(super) const fn lrn_settings(name: &str, lrn: &LrnOp) -> Option<Fault> {
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

pub(super) const fn batch_norm_settings(name: &str, norm: &BatchNormOp) -> Option<Fault> {
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

pub(super) const fn normalize_settings(name: &str, mean: &[f32], std: &[f32]) -> Option<Fault> {
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
