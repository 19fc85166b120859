//! Keywords looked up, fields found, defaults filled in: [`ast`](crate::ast) → [`model`](crate::model).

use std::collections::HashMap;

use convnet_shape::check::Field;
use convnet_shape::dims::{MAX_RANK, MAX_SIZE};
use convnet_shape::op::{Activation, BatchNormOp, LrnOp, Op, Permutation, Reduce};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Expr, Ident, Lit, UnOp};

use crate::ast::{self, Argument, Call, Head};
use crate::message;
use crate::model::{
    ChannelSizes, Conv, ConvTranspose, Expression, Item, Layer, Network, Operation, PaddingSizes, Pool, Shape, Size,
    WindowSizes,
};
use crate::report::Report;

/// A keyword of the language.
struct Keyword {
    name: &'static str,
    /// What a made-up name begins with.
    short: &'static str,
    /// The field that may stand first, without its name.
    first: Option<&'static str>,
    /// The other fields.
    fields: &'static [&'static str],
    /// Those that must be there.
    required: &'static [&'static str],
    resolve: fn(&mut Fields<'_>) -> Option<Operation>,
}

const CONV: &[&str] = &["kernel", "stride", "padding", "dilation", "groups", "bias", "in_channels"];
const DEPTHWISE: &[&str] = &["multiplier", "stride", "padding", "dilation", "bias", "in_channels"];
const TRANSPOSE: &[&str] =
    &["kernel", "stride", "padding", "output_padding", "dilation", "groups", "bias", "in_channels"];
const MAX_POOL: &[&str] = &["stride", "padding", "dilation", "ceil"];
const AVG_POOL: &[&str] = &["stride", "padding", "ceil", "count_include_pad"];

const KEYWORDS: &[Keyword] = &[
    conv_keyword("conv1d", |fields| conv(fields, 1)),
    conv_keyword("conv2d", |fields| conv(fields, 2)),
    conv_keyword("conv3d", |fields| conv(fields, 3)),
    window_keyword("depthwise_conv1d", "conv", DEPTHWISE, |fields| depthwise(fields, 1)),
    window_keyword("depthwise_conv2d", "conv", DEPTHWISE, |fields| depthwise(fields, 2)),
    window_keyword("depthwise_conv3d", "conv", DEPTHWISE, |fields| depthwise(fields, 3)),
    transpose_keyword("conv_transpose1d", |fields| conv_transpose(fields, 1)),
    transpose_keyword("conv_transpose2d", |fields| conv_transpose(fields, 2)),
    transpose_keyword("conv_transpose3d", |fields| conv_transpose(fields, 3)),
    window_keyword("max_pool1d", "pool", MAX_POOL, |fields| pool(fields, 1, Reduce::Max)),
    window_keyword("max_pool2d", "pool", MAX_POOL, |fields| pool(fields, 2, Reduce::Max)),
    window_keyword("max_pool3d", "pool", MAX_POOL, |fields| pool(fields, 3, Reduce::Max)),
    window_keyword("avg_pool1d", "pool", AVG_POOL, |fields| pool(fields, 1, Reduce::Average)),
    window_keyword("avg_pool2d", "pool", AVG_POOL, |fields| pool(fields, 2, Reduce::Average)),
    window_keyword("avg_pool3d", "pool", AVG_POOL, |fields| pool(fields, 3, Reduce::Average)),
    plain("global_avg_pool", "pool", |_| Some(Operation::Plain(Op::GlobalPool(Reduce::Average)))),
    plain("global_max_pool", "pool", |_| Some(Operation::Plain(Op::GlobalPool(Reduce::Max)))),
    Keyword {
        name: "linear",
        short: "fc",
        first: Some("out_features"),
        fields: &["bias", "in_features"],
        required: &["out_features"],
        resolve: linear,
    },
    plain("flatten", "flatten", |_| Some(Operation::Plain(Op::Flatten))),
    Keyword {
        name: "reshape",
        short: "reshape",
        first: Some("sizes"),
        fields: &[],
        required: &["sizes"],
        resolve: reshape,
    },
    Keyword {
        name: "permute",
        short: "permute",
        first: Some("axes"),
        fields: &[],
        required: &["axes"],
        resolve: permute,
    },
    plain("relu", "relu", |_| activation(Activation::Relu)),
    settings("leaky_relu", "relu", Some("slope"), &[], &[], |fields| {
        let slope = fields.float("slope", 0.01)?;
        activation(Activation::LeakyRelu(slope))
    }),
    settings("prelu", "prelu", None, &["per_channel"], &[], |fields| {
        let per_channel = fields.flag("per_channel", false);
        fields.unless_broken(Operation::Plain(Op::Prelu { per_channel }))
    }),
    settings("elu", "elu", Some("alpha"), &[], &[], |fields| {
        let alpha = fields.float("alpha", 1.0)?;
        activation(Activation::Elu(alpha))
    }),
    plain("selu", "selu", |_| activation(Activation::Selu)),
    plain("gelu", "gelu", |_| activation(Activation::Gelu)),
    plain("silu", "silu", |_| activation(Activation::Silu)),
    plain("relu6", "relu", |_| activation(Activation::Clamp(0.0, 6.0))),
    settings("clamp", "clamp", None, &["low", "high"], &["low", "high"], |fields| {
        let (low, high) = (fields.float("low", 0.0), fields.float("high", 0.0));
        activation(Activation::Clamp(low?, high?))
    }),
    plain("hard_swish", "hard_swish", |_| activation(Activation::HardSwish)),
    plain("tanh", "tanh", |_| activation(Activation::Tanh)),
    plain("sigmoid", "sigmoid", |_| activation(Activation::Sigmoid)),
    plain("softmax", "softmax", |_| Some(Operation::Plain(Op::Softmax))),
    plain("log_softmax", "softmax", |_| Some(Operation::Plain(Op::LogSoftmax))),
    settings("lrn", "lrn", Some("size"), &["alpha", "beta", "k"], &["size"], lrn),
    settings("batch_norm", "bn", None, &["epsilon", "momentum"], &[], |fields| {
        let (epsilon, momentum) = (fields.float("epsilon", 1e-5), fields.float("momentum", 0.1));
        Some(Operation::Plain(Op::BatchNorm(BatchNormOp { epsilon: epsilon?, momentum: momentum? })))
    }),
    settings("dropout", "dropout", Some("probability"), &[], &["probability"], dropout),
];

type Resolve = fn(&mut Fields<'_>) -> Option<Operation>;

const fn conv_keyword(name: &'static str, resolve: Resolve) -> Keyword {
    let (first, required) = (Some("out_channels"), &["out_channels", "kernel"]);
    Keyword { name, short: "conv", first, fields: CONV, required, resolve }
}

const fn transpose_keyword(name: &'static str, resolve: Resolve) -> Keyword {
    let (first, required) = (Some("out_channels"), &["out_channels", "kernel"]);
    Keyword { name, short: "conv", first, fields: TRANSPOSE, required, resolve }
}

/// A layer whose kernel stands first.
const fn window_keyword(
    name: &'static str,
    short: &'static str,
    fields: &'static [&'static str],
    resolve: Resolve,
) -> Keyword {
    Keyword { name, short, first: Some("kernel"), fields, required: &["kernel"], resolve }
}

/// A layer whose fields are mostly numbers that are no sizes.
const fn settings(
    name: &'static str,
    short: &'static str,
    first: Option<&'static str>,
    fields: &'static [&'static str],
    required: &'static [&'static str],
    resolve: Resolve,
) -> Keyword {
    Keyword { name, short, first, fields, required, resolve }
}

const fn plain(name: &'static str, short: &'static str, resolve: fn(&mut Fields<'_>) -> Option<Operation>) -> Keyword {
    Keyword { name, short, first: None, fields: &[], required: &[], resolve }
}

/// The network that a declaration means; only its head, if it has one, where no more of it could be read.
pub fn resolve(declaration: ast::Declaration, report: &mut Report) -> Result<Network, Option<Head>> {
    Ok(match declaration {
        ast::Declaration::Item(item) => {
            let item = *item;
            let strict = options(&item.options, report);
            let input = shape(&item.input, report);
            let output = shape(&item.output, report);
            let layers = layers(&item.layers, report);
            let ast::Item { head, body, .. } = item;
            Network { item: Some(Item { head, output, body }), input, strict, layers }
        }
        ast::Declaration::Anonymous(network) => Network {
            item: None,
            strict: options(&network.options, report),
            input: shape(&network.input, report),
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

fn shape(sizes: &ast::Sizes, report: &mut Report) -> Shape {
    let tokens = sizes.to_token_stream();
    let mut unread = false;
    if sizes.sizes.is_empty() || sizes.sizes.len() > MAX_RANK {
        let axes = sizes.sizes.len();
        report.at(
            &tokens,
            format!("a shape has 1 to {MAX_RANK} sizes, this one has {axes}; an image is `[C, H, W]`, a vector `[N]`"),
        );
        unread = true;
    }
    let sizes: Vec<Option<Size>> = sizes.sizes.iter().map(|value| size(value, report)).collect();
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
    written.iter().map(|layer| self::layer(layer, &mut counts, report)).collect()
}

/// A layer; `counts` holds how often each made-up name has been used.
fn layer(written: &ast::Layer, counts: &mut HashMap<&'static str, usize>, report: &mut Report) -> Layer {
    let mut layer = Layer {
        name: written.name.as_ref().map_or_else(String::new, |name| name.unraw().to_string()),
        written_name: written.name.clone(),
        operation: Operation::Unread,
        assertion: written.assertion.as_ref().map(|sizes| shape(sizes, report)),
        tokens: written.call.to_token_stream(),
        fields: Vec::new(),
    };
    let Some((call, keyword)) = written.call.as_ref().and_then(|call| Some((call, keyword(call, report)?))) else {
        return layer;
    };
    let count = counts.entry(keyword.short).or_default();
    *count += 1;
    if layer.name.is_empty() {
        layer.name = format!("{}{count}", keyword.short);
    }
    let mut fields = Fields::new(&layer.name, call, keyword, report);
    layer.operation = (keyword.resolve)(&mut fields).unwrap_or(Operation::Unread);
    layer.fields = fields.underlined;
    if let Some(assertion) = &layer.assertion {
        layer.fields.push((Field::Assertion, assertion.tokens.clone()));
    }
    layer
}

fn keyword(call: &Call, report: &mut Report) -> Option<&'static Keyword> {
    let names: Vec<&str> = KEYWORDS.iter().map(|keyword| keyword.name).collect();
    let found = call.keyword.to_token_stream().to_string().replace(' ', "");
    let keyword = KEYWORDS.iter().find(|keyword| keyword.name == found);
    if keyword.is_none() {
        report.at(&call.keyword, message::unknown_layer(&found, &names));
    }
    keyword
}

/// The arguments of one layer, looked up by name.
struct Fields<'a> {
    layer: &'a str,
    keyword: &'static Keyword,
    values: Vec<(&'static str, &'a Expr)>,
    underlined: Vec<(Field, TokenStream)>,
    report: &'a mut Report,
    /// Whether a field that must be there is missing or cannot be read.
    broken: bool,
}

impl<'a> Fields<'a> {
    fn new(layer: &'a str, written: &'a Call, keyword: &'static Keyword, report: &'a mut Report) -> Self {
        let mut fields = Self { layer, keyword, values: Vec::new(), underlined: Vec::new(), report, broken: false };
        let list = written.arguments.as_ref().map_or(&[][..], |arguments| &arguments.list);
        for (index, argument) in list.iter().enumerate() {
            fields.add(index, argument);
        }
        fields.require(written);
        fields
    }

    fn add(&mut self, index: usize, argument: &'a Argument) {
        let Keyword { name: keyword, first, fields, .. } = *self.keyword;
        let Some(field) = &argument.field else {
            let sentence = match first {
                Some(first) if index == 0 => return self.values.push((first, &argument.value)),
                Some(first) if fields.is_empty() => format!("`{keyword}` takes one value, `{first}`"),
                Some(first) => format!("`{keyword}` takes only `{first}` without a name; write `{} = …`", fields[0]),
                None => format!("`{keyword}` takes no value"),
            };
            return self.wrong(argument, sentence);
        };
        let known: Vec<&'static str> = first.into_iter().chain(fields.iter().copied()).collect();
        match known.iter().find(|name| field == **name) {
            Some(name) if self.values.iter().any(|(given, _)| given == name) => {
                self.wrong(field, format!("`{name}` of `{}` is given twice", self.layer));
            }
            Some(name) => self.values.push((name, &argument.value)),
            None => self.wrong(field, message::unknown_field(&field.to_string(), keyword, &known)),
        }
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
        let keyword = self.keyword;
        let given = |name: &&str| self.values.iter().any(|(given, _)| given == name);
        let missing: Vec<&str> = keyword.required.iter().copied().filter(|name| !given(name)).collect();
        if missing.is_empty() {
            return;
        }
        let example = match keyword.name {
            "linear" => "linear(10)".to_owned(),
            "dropout" => "dropout(0.5)".to_owned(),
            "lrn" => "lrn(5)".to_owned(),
            "clamp" => "clamp(low = 0.0, high = 6.0)".to_owned(),
            "reshape" => "reshape([8, 4, 4])".to_owned(),
            "permute" => "permute([1, 2, 0])".to_owned(),
            windowed if keyword.first == Some("kernel") => {
                format!("{windowed}({})", if windowed.contains("conv") { 3 } else { 2 })
            }
            conv => format!("{conv}(6, kernel = 5)"),
        };
        let sentence = format!("`{}` needs {}; write `{example}`", self.layer, message::list(&missing));
        self.wrong(written, sentence);
    }

    /// The value of a field, if it is given, marked as what a mistake in it underlines.
    fn value(&mut self, name: &str, field: Field) -> Option<&'a Expr> {
        let (_, value) = self.values.iter().find(|(given, _)| *given == name)?;
        self.underlined.push((field, value.to_token_stream()));
        Some(value)
    }

    fn size(&mut self, name: &str, field: Field) -> Option<Size> {
        let value = self.value(name, field)?;
        let size = size(value, self.report);
        self.broken |= size.is_none();
        size
    }

    fn flag(&mut self, name: &str, default: bool) -> bool {
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

    /// A setting that is no size, written as a number.
    fn float(&mut self, name: &'static str, default: f32) -> Option<f32> {
        let Some(value) = self.value(name, Field::Setting(name)) else { return Some(default) };
        let number = float(value);
        if number.is_none() {
            let found = value.to_token_stream().to_string();
            self.wrong(value, format!("expected `{name}` written as a number, such as `0.5`, found `{found}`"));
        }
        number
    }

    /// A list in brackets.
    fn list(&mut self, name: &str, field: Field, example: &str) -> Option<&'a syn::ExprArray> {
        let value = self.value(name, field)?;
        match bare(value) {
            Expr::Array(list) => Some(list),
            _ => {
                let found = value.to_token_stream().to_string();
                self.wrong(value, format!("expected `{name}` in brackets, such as `{example}`, found `{found}`"));
                None
            }
        }
    }

    /// One size for every axis: `3` or `(3, 5)`.
    fn per_axis(&mut self, name: &str, field: Field, rank: usize) -> Option<Vec<Size>> {
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
        let axes = ["length", "height and width", "depth, height and width"][rank - 1];
        let sentence = format!(
            "`{name}` of `{}` has {} values; write one for all axes, or {rank}: {axes}",
            self.layer,
            tuple.elems.len()
        );
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

fn activation(activation: Activation) -> Option<Operation> {
    Some(Operation::Plain(Op::Activation(activation)))
}

fn conv(fields: &mut Fields<'_>, rank: usize) -> Option<Operation> {
    let out = fields.size("out_channels", Field::Out);
    let windows = fields.windows(rank, Some(1));
    let groups = fields.size("groups", Field::Groups).unwrap_or(Size::Literal(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let conv = Conv { channels: ChannelSizes::Out { out: out?, groups }, windows: windows?, bias, in_channels };
    fields.unless_broken(Operation::Conv(conv))
}

fn depthwise(fields: &mut Fields<'_>, rank: usize) -> Option<Operation> {
    let multiplier = fields.size("multiplier", Field::Out).unwrap_or(Size::Literal(1));
    let windows = fields.windows(rank, Some(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let conv = Conv { channels: ChannelSizes::Each(multiplier), windows: windows?, bias, in_channels };
    fields.unless_broken(Operation::Conv(conv))
}

fn conv_transpose(fields: &mut Fields<'_>, rank: usize) -> Option<Operation> {
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

/// The sizes of a value, in brackets.
fn reshape(fields: &mut Fields<'_>) -> Option<Operation> {
    let list = fields.list("sizes", Field::Out, "[8, 4, 4]")?;
    let sizes: Option<Vec<Size>> = list.elems.iter().map(|value| size(value, fields.report)).collect();
    if !(1..=MAX_RANK).contains(&list.elems.len()) {
        let axes = list.elems.len();
        fields.report.at(list, format!("a shape has 1 to {MAX_RANK} sizes, this one has {axes}"));
        return None;
    }
    Some(Operation::Reshape(Shape { sizes: sizes?, tokens: list.to_token_stream(), unread: false }))
}

/// The order of the axes, in brackets, as numbers.
fn permute(fields: &mut Fields<'_>) -> Option<Operation> {
    let list = fields.list("axes", Field::Setting("axes"), "[1, 2, 0]")?;
    let mut axes = [0; MAX_RANK];
    if list.elems.len() > MAX_RANK {
        fields.report.at(list, format!("a value has at most {MAX_RANK} axes, these are {}", list.elems.len()));
        return None;
    }
    for (axis, value) in axes.iter_mut().zip(&list.elems) {
        match size(value, fields.report)? {
            Size::Literal(number) => *axis = number,
            Size::Expression(_) => {
                fields.report.at(value, "an axis is a number from 0 up, not an expression");
                return None;
            }
        }
    }
    Some(Operation::Plain(Op::Permute(Permutation { rank: list.elems.len(), axes })))
}

fn lrn(fields: &mut Fields<'_>) -> Option<Operation> {
    let size = fields.size("size", Field::Setting("size"));
    let (alpha, beta, k) = (fields.float("alpha", 1e-4), fields.float("beta", 0.75), fields.float("k", 1.0));
    match size? {
        Size::Literal(size) => Some(Operation::Plain(Op::Lrn(LrnOp { size, alpha: alpha?, beta: beta?, k: k? }))),
        Size::Expression(expression) => {
            fields.report.at(&expression.written, "`size` of `lrn` is a number, not an expression");
            None
        }
    }
}

fn pool(fields: &mut Fields<'_>, rank: usize, reduce: Reduce) -> Option<Operation> {
    let windows = fields.windows(rank, None);
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

fn dropout(fields: &mut Fields<'_>) -> Option<Operation> {
    let value = fields.value("probability", Field::Setting("probability"))?;
    let Some(number) = float(value) else {
        let found = value.to_token_stream().to_string();
        fields.report.at(value, format!("expected a probability written as a number, such as `0.5`, found `{found}`"));
        return None;
    };
    Some(Operation::Plain(Op::Dropout(number)))
}

/// A number with or without a point, and with or without a minus.
fn float(value: &Expr) -> Option<f32> {
    let (sign, literal) = match bare(value) {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => (-1.0, bare(&unary.expr)),
        other => (1.0, other),
    };
    let Expr::Lit(literal) = literal else { return None };
    let number = match &literal.lit {
        Lit::Float(float) => float.base10_parse::<f32>().ok(),
        Lit::Int(int) => int.base10_parse::<f32>().ok(),
        _ => None,
    };
    number.map(|number| sign * number)
}
