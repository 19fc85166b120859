//! The words of the language: one table.

use convnet_shape::op::{Activation, Op, Reduce};
use quote::ToTokens;

use super::blocks::Blocks;
use super::fields::Fields;
use super::operations::{
    activation, batch_norm, conv, conv_transpose, depthwise_conv, dropout, linear, lrn, normalize, permute, pool,
    reshape, separable_conv, spatially_separable_conv,
};
use crate::ast::Call;
use crate::message;
use crate::model::Operation;
use crate::report::Report;

/// A keyword of the language, or a family of them.
pub struct Keyword {
    /// The word; for layers over one, two and three spatial axes three of them.
    pub names: &'static [&'static str],
    /// What a made-up name begins with.
    pub short: &'static str,
    /// The fields that may stand first, without their names.
    pub first: &'static [&'static str],
    /// The other fields.
    pub fields: &'static [&'static str],
    /// Those of both that must be there.
    pub required: &'static [&'static str],
    /// Arguments to show where one of those is not.
    pub example: &'static str,
    pub resolve: Resolve,
}

/// What a keyword stands for.
pub enum Resolve {
    /// A layer.
    One(fn(&mut Fields<'_>) -> Option<Operation>),
    /// Two layers in a row, and what is appended to the name of each.
    Two([&'static str; 2], fn(&mut Fields<'_>) -> Option<[Operation; 2]>),
}

const KEYWORDS: &[Keyword] = &[
    Keyword {
        names: &["conv1d", "conv2d", "conv3d"],
        short: "conv",
        first: &["out_channels"],
        fields: &["kernel", "stride", "padding", "dilation", "groups", "bias", "in_channels"],
        required: &["out_channels", "kernel"],
        example: "(6, kernel = 5)",
        resolve: Resolve::One(conv),
    },
    Keyword {
        names: &["depthwise_conv1d", "depthwise_conv2d", "depthwise_conv3d"],
        short: "conv",
        first: &["multiplier"],
        fields: &["kernel", "stride", "padding", "dilation", "bias", "in_channels"],
        required: &["kernel"],
        example: "(kernel = 3)",
        resolve: Resolve::One(depthwise_conv),
    },
    Keyword {
        names: &["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"],
        short: "conv",
        first: &["out_channels"],
        fields: &["kernel", "stride", "padding", "output_padding", "dilation", "groups", "bias", "in_channels"],
        required: &["out_channels", "kernel"],
        example: "(6, kernel = 4, stride = 2, padding = 1)",
        resolve: Resolve::One(conv_transpose),
    },
    Keyword {
        names: &["separable_conv1d", "separable_conv2d", "separable_conv3d"],
        short: "conv",
        first: &["out_channels"],
        fields: &["kernel", "stride", "padding", "dilation", "multiplier", "bias", "in_channels"],
        required: &["out_channels", "kernel"],
        example: "(6, kernel = 3)",
        resolve: Resolve::Two(["_depthwise", "_pointwise"], separable_conv),
    },
    Keyword {
        names: &["spatially_separable_conv2d"],
        short: "conv",
        first: &["out_channels"],
        fields: &["kernel", "stride", "padding", "dilation", "groups", "bias", "in_channels"],
        required: &["out_channels", "kernel"],
        example: "(6, kernel = 3)",
        resolve: Resolve::Two(["_column", "_row"], spatially_separable_conv),
    },
    Keyword {
        names: &["max_pool1d", "max_pool2d", "max_pool3d"],
        short: "pool",
        first: &["kernel"],
        fields: &["stride", "padding", "dilation", "ceil"],
        required: &["kernel"],
        example: "(2)",
        resolve: Resolve::One(|fields| pool(fields, Reduce::Max)),
    },
    Keyword {
        names: &["avg_pool1d", "avg_pool2d", "avg_pool3d"],
        short: "pool",
        first: &["kernel"],
        fields: &["stride", "padding", "ceil", "count_include_pad"],
        required: &["kernel"],
        example: "(2)",
        resolve: Resolve::One(|fields| pool(fields, Reduce::Average)),
    },
    plain(&["global_avg_pool"], "pool", |_| Some(Operation::Plain(Op::GlobalPool(Reduce::Average)))),
    plain(&["global_max_pool"], "pool", |_| Some(Operation::Plain(Op::GlobalPool(Reduce::Max)))),
    Keyword {
        names: &["linear"],
        short: "fc",
        first: &["out_features"],
        fields: &["bias", "in_features"],
        required: &["out_features"],
        example: "(10)",
        resolve: Resolve::One(linear),
    },
    plain(&["flatten"], "flatten", |_| Some(Operation::Plain(Op::Flatten))),
    Keyword { example: "([16, 5, 5])", ..with(&["reshape"], "reshape", &["sizes"], &["sizes"], reshape) },
    Keyword { example: "([1, 2, 0])", ..with(&["permute"], "permute", &["axes"], &["axes"], permute) },
    plain(&["relu"], "relu", |_| activation(Activation::Relu)),
    with(&["leaky_relu"], "leaky_relu", &["slope"], &[], |fields| {
        let slope = fields.number("slope", Some(0.01));
        activation(Activation::LeakyRelu(slope?))
    }),
    Keyword {
        fields: &["per_channel"],
        ..plain(&["prelu"], "prelu", |fields| {
            let per_channel = fields.flag("per_channel", false);
            fields.unless_broken(Operation::Plain(Op::Prelu { per_channel }))
        })
    },
    with(&["elu"], "elu", &["alpha"], &[], |fields| {
        let alpha = fields.number("alpha", Some(1.0));
        activation(Activation::Elu(alpha?))
    }),
    plain(&["selu"], "selu", |_| activation(Activation::Selu)),
    plain(&["gelu"], "gelu", |_| activation(Activation::Gelu)),
    plain(&["silu"], "silu", |_| activation(Activation::Silu)),
    plain(&["relu6"], "relu", |_| activation(Activation::Clamp(0.0, 6.0))),
    Keyword {
        example: "(0.0, 6.0)",
        ..with(&["clamp"], "clamp", &["low", "high"], &["low", "high"], |fields| {
            let (low, high) = (fields.number("low", None), fields.number("high", None));
            activation(Activation::Clamp(low?, high?))
        })
    },
    plain(&["hard_swish"], "hard_swish", |_| activation(Activation::HardSwish)),
    plain(&["tanh"], "tanh", |_| activation(Activation::Tanh)),
    plain(&["sigmoid"], "sigmoid", |_| activation(Activation::Sigmoid)),
    plain(&["softmax"], "softmax", |_| Some(Operation::Plain(Op::Softmax))),
    plain(&["log_softmax"], "log_softmax", |_| Some(Operation::Plain(Op::LogSoftmax))),
    Keyword { fields: &["alpha", "beta", "k"], example: "(5)", ..with(&["lrn"], "lrn", &["size"], &["size"], lrn) },
    Keyword { fields: &["epsilon", "momentum"], ..plain(&["batch_norm"], "bn", batch_norm) },
    Keyword {
        fields: &["mean", "std"],
        required: &["mean", "std"],
        example: "(mean = [0.13], std = [0.31])",
        ..plain(&["normalize"], "normalize", normalize)
    },
    Keyword { example: "(0.5)", ..with(&["dropout"], "dropout", &["probability"], &["probability"], dropout) },
];

/// A keyword without fields.
const fn plain(
    names: &'static [&'static str],
    short: &'static str,
    resolve: fn(&mut Fields<'_>) -> Option<Operation>,
) -> Keyword {
    with(names, short, &[], &[], resolve)
}

/// A keyword with nothing but values that may stand first.
const fn with(
    names: &'static [&'static str],
    short: &'static str,
    first: &'static [&'static str],
    required: &'static [&'static str],
    resolve: fn(&mut Fields<'_>) -> Option<Operation>,
) -> Keyword {
    Keyword { names, short, first, fields: &[], required, example: "", resolve: Resolve::One(resolve) }
}
/// Words that are no layers of their own but belong to the language.
const OTHERS: [&str; 6] = ["concat", "add", "identity", "skip", "repeat", "block"];

/// Whether a word belongs to the language.
pub fn is_keyword(word: &str) -> bool {
    OTHERS.contains(&word) || KEYWORDS.iter().any(|keyword| keyword.names.contains(&word))
}

/// The keyword of a call, and which of its family; an unknown one may have been meant to be a block.
pub fn keyword(call: &Call, blocks: &Blocks<'_>, report: &mut Report) -> Option<(&'static str, &'static Keyword)> {
    let found = call.keyword.to_token_stream().to_string().replace(' ', "");
    let named = |keyword: &'static Keyword| Some((*keyword.names.iter().find(|name| **name == found)?, keyword));
    let keyword = KEYWORDS.iter().find_map(named);
    if keyword.is_none() {
        let blocks: Vec<&str> = blocks.keys().map(String::as_str).collect();
        let known: Vec<&[&str]> = KEYWORDS.iter().map(|own| own.names).collect();
        report.at(&call.keyword, message::unknown_layer(&found, &known, &blocks));
    }
    keyword
}

/// Whether a keyword is meant as a type: a path, or a word as types are written that is near no keyword.
pub fn is_type(call: &Call, blocks: &Blocks<'_>) -> bool {
    let [segment] = call.keyword.segments.iter().collect::<Vec<_>>()[..] else { return true };
    if !segment.arguments.is_none() || call.keyword.leading_colon.is_some() {
        return true;
    }
    let word = segment.ident.to_string();
    word.starts_with(char::is_uppercase)
        && near_keyword(&word).is_none()
        && !blocks.keys().any(|block| message::nearest(&word, &[block]).is_some())
}

/// The keyword that was probably meant by a word.
pub fn near_keyword(word: &str) -> Option<&'static str> {
    let known: Vec<&'static str> = KEYWORDS.iter().flat_map(|own| own.names).copied().collect();
    message::nearest(word, &known)
}
