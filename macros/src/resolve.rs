//! Keywords looked up, fields found, defaults filled in: [`ast`](crate::ast) → [`model`](crate::model).

use std::collections::HashMap;

use convnet_shape::check::Field;
use convnet_shape::dims::{MAX_RANK, MAX_SIZE};
use convnet_shape::graph::Reads;
use convnet_shape::op::{Activation, BatchNormOp, Op, Permutation, Reduce};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Expr, Ident, Lit, UnOp};

use crate::ast::{self, Argument, Call, Head};
use crate::message;
use crate::model::{
    Channels, Conv, ConvTranspose, Expression, Item, Layer, Lrn, Network, Operation, PaddingSizes, Pool, Shape, Size,
    WindowSizes,
};
use crate::report::Report;

/// A keyword of the language, or a family of them.
struct Keyword {
    /// The word; for layers over one, two and three spatial axes three of them.
    names: &'static [&'static str],
    /// What a made-up name begins with.
    short: &'static str,
    /// The fields that may stand first, without their names.
    first: &'static [&'static str],
    /// The other fields.
    fields: &'static [&'static str],
    /// Those of both that must be there.
    required: &'static [&'static str],
    /// Arguments to show where one of those is not.
    example: &'static str,
    resolve: Resolve,
}

/// What a keyword stands for.
enum Resolve {
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

/// The network that a declaration means; only its head, if it has one, where no more of it could be read.
pub fn resolve(declaration: ast::Declaration, report: &mut Report) -> Result<Network, Option<Head>> {
    Ok(match declaration {
        ast::Declaration::Item(item) => {
            let item = *item;
            let strict = options(&item.options, report);
            let input = written_shape(&item.input, report);
            let output = written_shape(&item.output, report);
            let layers = layers(&item.layers, report);
            let ast::Item { head, body, .. } = item;
            Network { item: Some(Item { head, output, body }), input, strict, layers }
        }
        ast::Declaration::Anonymous(network) => Network {
            item: None,
            strict: options(&network.options, report),
            input: written_shape(&network.input, report),
            layers: layers(&network.layers, report),
        },
        ast::Declaration::UnreadItem(head) => return Err(Some(head)),
        ast::Declaration::UnreadAnonymous => return Err(None),
    })
}

fn options(options: &[Ident], report: &mut Report) -> bool {
    let mut strict = false;
    for option in options {
        if option != "strict" {
            report.at(option, message::unknown_option(&option.to_string(), &["strict"]));
        } else if strict {
            report.at(option, "`strict` is given twice");
        } else {
            strict = true;
        }
    }
    strict
}

fn written_shape(sizes: &ast::Sizes, report: &mut Report) -> Shape {
    shape(&sizes.sizes, sizes.to_token_stream(), report)
}

fn shape(sizes: &[Expr], tokens: TokenStream, report: &mut Report) -> Shape {
    let mut unread = false;
    if sizes.is_empty() || sizes.len() > MAX_RANK {
        let axes = sizes.len();
        report.at(
            &tokens,
            format!("a shape has 1 to {MAX_RANK} sizes, this one has {axes}; an image is `[C, H, W]`, a vector `[N]`"),
        );
        unread = true;
    }
    let sizes: Vec<Option<Size>> = sizes.iter().map(|value| size(value, report)).collect();
    unread |= sizes.iter().any(Option::is_none);
    Shape { sizes: sizes.into_iter().flatten().collect(), tokens, unread }
}

/// A size as it is written; a literal that is none is reported.
fn size(value: &Expr, report: &mut Report) -> Option<Size> {
    let text = value.to_token_stream().to_string();
    match bare(value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(int) if matches!(int.suffix(), "" | "usize") => match int.base10_parse() {
                Ok(value) => return Some(Size::Literal(value)),
                Err(_) => {
                    report.at(value, format!("`{text}` is too large for a number; the largest size is {MAX_SIZE}"))
                }
            },
            Lit::Int(int) => {
                report.at(
                    value,
                    format!("`{text}` is a `{}`; a size is a `usize`: write `{}`", int.suffix(), int.base10_digits()),
                );
            }
            _ => report.at(value, format!("expected a whole number, found `{text}`")),
        },
        Expr::Unary(unary) if matches!((&unary.op, bare(&unary.expr)), (UnOp::Neg(_), Expr::Lit(_))) => {
            report.at(value, format!("`{}` is negative; a size is a whole number from 0 up", text.replace("- ", "-")));
        }
        Expr::Tuple(_) | Expr::Array(_) => report.at(value, format!("expected one whole number, found `{text}`")),
        Expr::Closure(_) | Expr::Assign(_) | Expr::Range(_) => {
            report.at(value, format!("expected a whole number or a constant expression, found `{text}`"));
        }
        _ => return Some(Size::Expression(Box::new(Expression { written: value.clone(), constant: None }))),
    }
    None
}

/// An expression without the parentheses and invisible groups around it.
fn bare(value: &Expr) -> &Expr {
    match value {
        Expr::Paren(inner) => bare(&inner.expr),
        Expr::Group(inner) => bare(&inner.expr),
        _ => value,
    }
}

fn layers(written: &[ast::Layer], report: &mut Report) -> Vec<Layer> {
    let mut counts = HashMap::new();
    let mut layers: Vec<Layer> = written.iter().flat_map(|layer| self::layer(layer, &mut counts, report)).collect();
    for (index, layer) in layers.iter_mut().enumerate() {
        layer.reads = Reads::one(index);
    }
    layers
}

/// The layers that a keyword stands for, mostly one; `counts` holds how often each made-up name has been used.
fn layer(written: &ast::Layer, counts: &mut HashMap<&'static str, usize>, report: &mut Report) -> Vec<Layer> {
    let mut layer = Layer {
        name: written.name.as_ref().map_or_else(String::new, |name| name.unraw().to_string()),
        written_name: written.name.clone(),
        operation: Operation::Unread,
        reads: Reads::one(0),
        assertion: written.assertion.as_ref().map(|sizes| written_shape(sizes, report)),
        tokens: written.call.to_token_stream(),
        fields: Vec::new(),
    };
    let Some((call, (name, keyword))) = written.call.as_ref().and_then(|call| Some((call, keyword(call, report)?)))
    else {
        return vec![layer];
    };
    let count = counts.entry(keyword.short).or_default();
    *count += 1;
    if layer.name.is_empty() {
        layer.name = format!("{}{count}", keyword.short);
    }
    let mut fields = Fields::new(&layer.name, call, name, keyword, report);
    let resolved = match keyword.resolve {
        Resolve::One(resolve) => resolve(&mut fields).map(|operation| vec![("", operation)]),
        Resolve::Two([first, second], resolve) => {
            resolve(&mut fields).map(|[one, other]| vec![(first, one), (second, other)])
        }
    };
    layer.fields = fields.underlined;
    if let Some(assertion) = &layer.assertion {
        layer.fields.push((Field::Assertion, assertion.tokens.clone()));
    }
    let Some(resolved) = resolved else { return vec![layer] };
    let mut assertion = layer.assertion.take();
    let last = resolved.len() - 1;
    let parts = resolved.into_iter().enumerate().map(|(index, (suffix, operation))| Layer {
        name: format!("{}{suffix}", layer.name),
        written_name: match &layer.written_name {
            Some(name) if !suffix.is_empty() => Some(Ident::new(&format!("{}{suffix}", layer.name), name.span())),
            name => name.clone(),
        },
        operation,
        reads: layer.reads,
        assertion: if index == last { assertion.take() } else { None },
        tokens: layer.tokens.clone(),
        fields: layer.fields.clone(),
    });
    parts.collect()
}

/// The keyword of a call, and which of its family.
fn keyword(call: &Call, report: &mut Report) -> Option<(&'static str, &'static Keyword)> {
    let found = call.keyword.to_token_stream().to_string().replace(' ', "");
    let named = |keyword: &'static Keyword| Some((*keyword.names.iter().find(|name| **name == found)?, keyword));
    let keyword = KEYWORDS.iter().find_map(named);
    if keyword.is_none() {
        report.at(
            &call.keyword,
            message::unknown_layer(&found, &KEYWORDS.iter().map(|own| own.names).collect::<Vec<_>>()),
        );
    }
    keyword
}

/// The arguments of one layer, looked up by name.
struct Fields<'a> {
    layer: &'a str,
    name: &'static str,
    keyword: &'static Keyword,
    values: Vec<(&'static str, &'a Expr)>,
    underlined: Vec<(Field, TokenStream)>,
    report: &'a mut Report,
    /// Whether a field that must be there is missing or cannot be read.
    broken: bool,
}

impl<'a> Fields<'a> {
    fn new(
        layer: &'a str,
        written: &'a Call,
        name: &'static str,
        keyword: &'static Keyword,
        report: &'a mut Report,
    ) -> Self {
        let mut fields =
            Self { layer, name, keyword, values: Vec::new(), underlined: Vec::new(), report, broken: false };
        let list = written.arguments.as_ref().map_or(&[][..], |arguments| &arguments.list);
        for (index, argument) in list.iter().enumerate() {
            fields.add(index, argument);
        }
        fields.require(written);
        fields
    }

    /// Over how many spatial axes the layer goes, which its name says.
    fn rank(&self) -> usize {
        match self.name {
            name if name.ends_with("1d") => 1,
            name if name.ends_with("3d") => 3,
            _ => 2,
        }
    }

    fn add(&mut self, index: usize, argument: &'a Argument) {
        let (keyword, &Keyword { first, fields, .. }) = (self.name, self.keyword);
        let Some(field) = &argument.field else {
            let sentence = match (first, fields) {
                _ if index < first.len() => return self.give(first[index], &argument.value, &argument.value),
                ([], []) => format!("`{keyword}` takes no value"),
                ([], [field, ..]) => format!("`{keyword}` takes no value without a name; write `{field} = …`"),
                ([one], []) => format!("`{keyword}` takes one value, `{one}`"),
                (many, []) => format!("`{keyword}` takes {} values, {}", many.len(), message::list(many)),
                (first, [field, ..]) => {
                    format!("`{keyword}` takes only {} without a name; write `{field} = …`", message::list(first))
                }
            };
            return self.wrong(argument, sentence);
        };
        let known: Vec<&'static str> = first.iter().chain(fields).copied().collect();
        match known.iter().find(|name| field == **name) {
            Some(name) => self.give(name, &argument.value, field),
            None => self.wrong(field, message::unknown_field(&field.to_string(), keyword, &known)),
        }
    }

    /// Gives a field its value, once.
    fn give(&mut self, name: &'static str, value: &'a Expr, guilty: impl ToTokens) {
        if self.values.iter().any(|(given, _)| *given == name) {
            return self.wrong(guilty, format!("`{name}` of `{}` is given twice", self.layer));
        }
        self.values.push((name, value));
    }

    /// Reports a mistake after which nothing is known about the layer.
    fn wrong(&mut self, guilty: impl ToTokens, sentence: String) {
        self.report.at(guilty, sentence);
        self.broken = true;
    }

    /// Reports the fields that must be there and are not, all at once; silent after another mistake, which may be
    /// why they are not there.
    fn require(&mut self, written: &Call) {
        if self.broken {
            return;
        }
        let given = |name: &str| self.values.iter().any(|(given, _)| *given == name);
        let missing: Vec<&str> = self.keyword.required.iter().copied().filter(|name| !given(name)).collect();
        if missing.is_empty() {
            return;
        }
        let (name, example) = (self.name, self.keyword.example);
        let sentence = format!("`{}` needs {}; write `{name}{example}`", self.layer, message::list(&missing));
        self.wrong(written, sentence);
    }

    /// The value of a field, if it is given, marked as what a mistake in it underlines.
    fn value(&mut self, name: &'static str, field: Field) -> Option<&'a Expr> {
        let (_, value) = self.values.iter().find(|(given, _)| *given == name)?;
        self.underlined.push((field, value.to_token_stream()));
        Some(value)
    }

    fn size(&mut self, name: &'static str, field: Field) -> Option<Size> {
        let value = self.value(name, field)?;
        let size = size(value, self.report);
        self.broken |= size.is_none();
        size
    }

    fn flag(&mut self, name: &'static str, default: bool) -> bool {
        let Some(value) = self.value(name, Field::Layer) else { return default };
        // A mistake in a flag is told here, so it must not become what mistakes of the layer underline.
        self.underlined.pop();
        match bare(value) {
            Expr::Lit(syn::ExprLit { lit: Lit::Bool(flag), .. }) => flag.value,
            _ => {
                let found = value.to_token_stream().to_string();
                self.report.at(value, format!("`{name}` is `true` or `false`, found `{found}`"));
                default
            }
        }
    }

    /// A setting that is a float: a literal, as the tables of the network hold its value.
    fn number(&mut self, name: &'static str, default: Option<f32>) -> Option<f32> {
        let Some(value) = self.value(name, Field::Setting(name)) else { return default };
        self.float(value, &format!("expected `{name}` written as a number, such as `0.1`"))
    }

    /// A literal float; `expected` is what to say of anything else.
    fn float(&mut self, value: &'a Expr, expected: &str) -> Option<f32> {
        let (sign, literal) = match bare(value) {
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => (-1.0, bare(&unary.expr)),
            other => (1.0, other),
        };
        let number: Option<f32> = match literal {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Float(float) => float.base10_parse().ok(),
                Lit::Int(int) => int.base10_parse().ok(),
                _ => None,
            },
            _ => None,
        };
        let found = value.to_token_stream();
        match number {
            Some(number) if number.is_finite() => return Some(sign * number),
            Some(_) => self.report.at(value, format!("`{found}` is too large for an `f32`")),
            None => self.report.at(value, format!("{expected}, found `{found}`")),
        }
        self.none()
    }

    /// What stands in brackets.
    fn bracketed(&mut self, name: &'static str, field: Field, example: &str) -> Option<&'a syn::ExprArray> {
        let value = self.value(name, field)?;
        if let Expr::Array(array) = bare(value) {
            return Some(array);
        }
        let found = value.to_token_stream();
        self.report.at(value, format!("expected `{name}` of `{}` in brackets, {example}, found `{found}`", self.layer));
        self.none()
    }

    /// Floats in brackets.
    fn numbers(&mut self, name: &'static str) -> Option<Vec<f32>> {
        let array = self.bracketed(name, Field::Setting(name), &format!("`{name} = [0.5, 0.5, 0.5]`"))?;
        let expected = format!("expected `{name}` written as numbers, such as `0.1`");
        let numbers: Vec<Option<f32>> = array.elems.iter().map(|value| self.float(value, &expected)).collect();
        numbers.into_iter().collect()
    }

    /// One size for every axis: `3` or `(3, 5)`.
    fn per_axis(&mut self, name: &'static str, field: Field, rank: usize) -> Option<Vec<Size>> {
        let value = self.value(name, field)?;
        let Some(parts) = self.parts(value, name, rank) else {
            return size(value, self.report).map(|size| vec![size; rank]).or_else(|| self.none());
        };
        let sizes: Option<Vec<Size>> = parts?.iter().map(|part| size(part, self.report)).collect();
        sizes.or_else(|| self.none())
    }

    /// The parts of a tuple, `None` if it is none; a tuple of the wrong length is reported.
    fn parts(&mut self, value: &'a Expr, name: &str, rank: usize) -> Option<Option<Vec<&'a Expr>>> {
        let Expr::Tuple(tuple) = bare(value) else { return None };
        if tuple.elems.len() == rank {
            return Some(Some(tuple.elems.iter().collect()));
        }
        let found = format!("`{name}` of `{}` has {} values", self.layer, tuple.elems.len());
        let sentence = match rank {
            1 if name == "padding" => {
                format!("{found}, but a sequence has one axis; write one, or its two sides: `((0, 1),)`")
            }
            1 => format!("{found}, but a sequence has one axis; write one"),
            2 => format!("{found}; write one for all axes, or 2: height and width"),
            _ => format!("{found}; write one for all axes, or 3: depth, height and width"),
        };
        self.wrong(value, sentence);
        Some(None)
    }

    /// `2`, `(1, 2)` by axis, `((0, 1), (2, 3))` by side, `same` or `full`.
    fn padding(&mut self, rank: usize) -> Option<Vec<PaddingSizes>> {
        let Some(value) = self.value("padding", Field::Padding) else {
            return Some(vec![PaddingSizes::Cells(Size::Literal(0), Size::Literal(0)); rank]);
        };
        if let Expr::Path(path) = bare(value) {
            if path.path.is_ident("same") {
                return Some(vec![PaddingSizes::Same; rank]);
            }
            if path.path.is_ident("full") {
                return Some(vec![PaddingSizes::Full; rank]);
            }
            if path.path.is_ident("valid") {
                self.report.at(value, "`valid` is no padding at all; leave `padding` out, or write `padding = 0`");
                return self.none();
            }
        }
        if let Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = bare(value) {
            let sentence =
                format!("padding is a number, `same` or `full` without quotes, found `\"{}\"`", text.value());
            self.report.at(value, sentence);
            return self.none();
        }
        let Some(parts) = self.parts(value, "padding", rank) else {
            let size = size(value, self.report);
            return size.map(|size| vec![PaddingSizes::Cells(size.clone(), size); rank]).or_else(|| self.none());
        };
        let sides: Option<Vec<PaddingSizes>> = parts?.into_iter().map(|part| self.sides(part)).collect();
        sides.or_else(|| self.none())
    }

    /// `1`, or `(0, 1)` before and after.
    fn sides(&mut self, value: &'a Expr) -> Option<PaddingSizes> {
        match bare(value) {
            Expr::Tuple(tuple) if tuple.elems.len() == 2 => {
                let before = size(&tuple.elems[0], self.report);
                let after = size(&tuple.elems[1], self.report);
                Some(PaddingSizes::Cells(before?, after?))
            }
            Expr::Tuple(tuple) => {
                let sentence = format!(
                    "padding of one axis has two sides, before and after; this has {} values",
                    tuple.elems.len()
                );
                self.report.at(value, sentence);
                None
            }
            _ => size(value, self.report).map(|size| PaddingSizes::Cells(size.clone(), size)),
        }
    }

    /// The windows of a convolution or a pool; a stride that is not given is `default_stride`, or the kernel.
    fn windows(&mut self, rank: usize, default_stride: Option<usize>) -> Option<Vec<WindowSizes>> {
        let ones = |size: Option<Vec<Size>>| size.unwrap_or_else(|| vec![Size::Literal(1); rank]);
        let kernel = self.per_axis("kernel", Field::Kernel, rank);
        let stride = self.per_axis("stride", Field::Stride, rank);
        let dilation = ones(self.per_axis("dilation", Field::Dilation, rank));
        let padding = self.padding(rank);
        let (kernel, padding) = (kernel?, padding?);
        let stride = stride.unwrap_or_else(|| match default_stride {
            Some(stride) => vec![Size::Literal(stride); rank],
            None => kernel.clone(),
        });
        let axes = kernel.into_iter().zip(stride).zip(padding.into_iter().zip(dilation));
        Some(
            axes.map(|((kernel, stride), (padding, dilation))| WindowSizes { kernel, stride, padding, dilation })
                .collect(),
        )
    }

    fn none<T>(&mut self) -> Option<T> {
        self.broken = true;
        None
    }

    /// The operation, unless a field of it could not be read.
    fn unless_broken(&self, operation: Operation) -> Option<Operation> {
        if self.broken { None } else { Some(operation) }
    }
}

fn conv(fields: &mut Fields<'_>) -> Option<Operation> {
    let out = fields.size("out_channels", Field::Out);
    let windows = fields.windows(fields.rank(), Some(1));
    let groups = fields.size("groups", Field::Groups).unwrap_or(Size::Literal(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let conv = Conv { channels: Channels::Out { out: out?, groups }, windows: windows?, bias, in_channels };
    fields.unless_broken(Operation::Conv(conv))
}

fn depthwise_conv(fields: &mut Fields<'_>) -> Option<Operation> {
    let multiplier = fields.size("multiplier", Field::Setting("multiplier")).unwrap_or(Size::Literal(1));
    let windows = fields.windows(fields.rank(), Some(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let conv = Conv { channels: Channels::Each(multiplier), windows: windows?, bias, in_channels };
    fields.unless_broken(Operation::Conv(conv))
}

fn conv_transpose(fields: &mut Fields<'_>) -> Option<Operation> {
    let rank = fields.rank();
    let out_channels = fields.size("out_channels", Field::Out);
    let windows = fields.windows(rank, Some(1));
    let output_padding = fields.per_axis("output_padding", Field::OutputPadding, rank);
    let output_padding = output_padding.unwrap_or_else(|| vec![Size::Literal(0); rank]);
    let groups = fields.size("groups", Field::Groups).unwrap_or(Size::Literal(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let (out_channels, windows) = (out_channels?, windows?);
    let conv = ConvTranspose { out_channels, windows, output_padding, groups, bias, in_channels };
    fields.unless_broken(Operation::ConvTranspose(conv))
}

/// A depthwise convolution and one of 1×1 that mixes its channels.
fn separable_conv(fields: &mut Fields<'_>) -> Option<[Operation; 2]> {
    let out = fields.size("out_channels", Field::Out);
    let multiplier = fields.size("multiplier", Field::Setting("multiplier")).unwrap_or(Size::Literal(1));
    let windows = fields.windows(fields.rank(), Some(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let depthwise = Conv { channels: Channels::Each(multiplier), windows: windows?, bias, in_channels };
    let windows = vec![WindowSizes::unit(); fields.rank()];
    let channels = Channels::Out { out: out?, groups: Size::Literal(1) };
    let pointwise = Conv { channels, windows, bias, in_channels: None };
    let depthwise = fields.unless_broken(Operation::Conv(depthwise))?;
    Some([depthwise, Operation::Conv(pointwise)])
}

/// A convolution along the columns and one along the rows.
fn spatially_separable_conv(fields: &mut Fields<'_>) -> Option<[Operation; 2]> {
    let out = fields.size("out_channels", Field::Out);
    let windows = fields.windows(2, Some(1));
    let groups = fields.size("groups", Field::Groups).unwrap_or(Size::Literal(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let (out, windows) = (out?, windows?);
    let [height, width] = <[WindowSizes; 2]>::try_from(windows).ok()?;
    let conv = |windows, in_channels| {
        let channels = Channels::Out { out: out.clone(), groups: groups.clone() };
        Operation::Conv(Conv { channels, windows, bias, in_channels })
    };
    let column = fields.unless_broken(conv(vec![height, WindowSizes::unit()], in_channels))?;
    Some([column, conv(vec![WindowSizes::unit(), width], None)])
}

fn pool(fields: &mut Fields<'_>, reduce: Reduce) -> Option<Operation> {
    let windows = fields.windows(fields.rank(), None);
    let ceil = fields.flag("ceil", false);
    let count_include_pad = reduce == Reduce::Average && fields.flag("count_include_pad", true);
    let pool = Pool { reduce, windows: windows?, ceil, count_include_pad };
    fields.unless_broken(Operation::Pool(pool))
}

fn linear(fields: &mut Fields<'_>) -> Option<Operation> {
    let out_features = fields.size("out_features", Field::Out);
    let bias = fields.flag("bias", true);
    let in_features = fields.size("in_features", Field::In);
    fields.unless_broken(Operation::Linear { out_features: out_features?, bias, in_features })
}

fn reshape(fields: &mut Fields<'_>) -> Option<Operation> {
    let array = fields.bracketed("sizes", Field::Out, "`[C, H, W]` or `[N]`")?;
    let to = shape(&array.elems.iter().cloned().collect::<Vec<_>>(), array.to_token_stream(), fields.report);
    if to.unread { None } else { fields.unless_broken(Operation::Reshape(to)) }
}

fn permute(fields: &mut Fields<'_>) -> Option<Operation> {
    let array = fields.bracketed("axes", Field::Setting("axes"), "`[1, 2, 0]`")?;
    let rank = array.elems.len();
    if rank == 0 || rank > MAX_RANK {
        let sentence = format!("`{}` orders {rank} axes; a value has 1 to {MAX_RANK}", fields.layer);
        fields.wrong(array, sentence);
    }
    let mut axes = [0; MAX_RANK];
    for (axis, value) in axes.iter_mut().zip(&array.elems) {
        match size(value, fields.report) {
            Some(Size::Literal(own)) => *axis = own,
            Some(Size::Expression(_)) => {
                let found = value.to_token_stream();
                fields.wrong(value, format!("expected an axis written as a number from 0 up, found `{found}`"));
            }
            None => fields.broken = true,
        }
    }
    fields.unless_broken(Operation::Plain(Op::Permute(Permutation { rank, axes })))
}

fn activation(activation: Activation) -> Option<Operation> {
    Some(Operation::Plain(Op::Activation(activation)))
}

fn lrn(fields: &mut Fields<'_>) -> Option<Operation> {
    let size = fields.size("size", Field::Setting("size"));
    let alpha = fields.number("alpha", Some(1e-4));
    let beta = fields.number("beta", Some(0.75));
    let k = fields.number("k", Some(1.0));
    fields.unless_broken(Operation::Lrn(Lrn { size: size?, alpha: alpha?, beta: beta?, k: k? }))
}

fn batch_norm(fields: &mut Fields<'_>) -> Option<Operation> {
    let (epsilon, momentum) = (fields.number("epsilon", Some(1e-5)), fields.number("momentum", Some(0.1)));
    let norm = BatchNormOp { epsilon: epsilon?, momentum: momentum? };
    fields.unless_broken(Operation::Plain(Op::BatchNorm(norm)))
}

/// An operation is a constant, so its statistics stay for as long as the compiler runs.
fn normalize(fields: &mut Fields<'_>) -> Option<Operation> {
    let (mean, std) = (fields.numbers("mean"), fields.numbers("std"));
    let (mean, std) = (mean?.leak(), std?.leak());
    fields.unless_broken(Operation::Plain(Op::Normalize { mean, std }))
}

fn dropout(fields: &mut Fields<'_>) -> Option<Operation> {
    let value = fields.value("probability", Field::Setting("probability"))?;
    let probability = fields.float(value, "expected a probability written as a number, such as `0.5`")?;
    fields.unless_broken(Operation::Plain(Op::Dropout(probability)))
}
