//! The table of layers in a network's documentation; sizes that are expressions are shown as they were written.

use convnet_shape::dims::Dims;
use convnet_shape::op::Op;
use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::infer::Facts;
use crate::model::{Channels, Network, Operation, Shape, Size, WindowSizes};

/// The table, in Markdown.
pub fn table(network: &Network, facts: &Facts) -> String {
    let mut rows = String::from("\n\n| layer | operation | output | parameters | MACs |\n|---|---|---|---:|---:|\n");
    let mut values = vec![Sizes::of(&network.input)];
    rows += &format!("| | input | {} | | |\n", values[0].show());
    let (mut params, mut macs) = (Some(0_usize), Some(0_usize));
    for (layer, known) in network.layers.iter().zip(&facts.outputs) {
        let input = &values[layer.reads.first()];
        let mut output = input.after(&layer.operation, known.as_ref());
        if let (Operation::Plain(Op::Concat), None) = (&layer.operation, known) {
            output.0[0] = sum(layer.reads.values().map(|value| &values[value].0[0]));
        }
        if let (Operation::Plain(Op::Heads), None) = (&layer.operation, known) {
            output.0 = vec![Err("…".to_owned())];
        }
        if let (Operation::Own(_), Some(stated)) = (&layer.operation, &layer.assertion) {
            output = Sizes::of(stated);
        }
        let op = layer.operation.known();
        let cost = op.zip(input.known()).map(|(op, input)| (op.params(&input), op.macs(&input)));
        params = params.zip(cost).map(|(sum, (own, _))| sum.saturating_add(own));
        macs = macs.zip(cost).map(|(sum, (_, own))| sum.saturating_add(own));
        let row = [
            format!("`{}`", layer.name),
            format!("`{}`", written(&layer.tokens)),
            output.show(),
            show(cost.map(|(params, _)| params)),
            show(cost.map(|(_, macs)| macs)),
        ];
        rows += &format!("| {} |\n", row.join(" | "));
        values.push(output);
    }
    rows += &format!("| | **total** | | {} | {} |\n", show(params), show(macs));
    rows
}

/// The value between two layers: each size known, or as it was written.
struct Sizes(Vec<Result<usize, String>>);

impl Sizes {
    fn of(shape: &Shape) -> Self {
        Self(shape.sizes.iter().map(size).collect())
    }

    fn known(&self) -> Option<Dims> {
        let sizes: Option<Vec<usize>> = self.0.iter().map(|size| size.as_ref().ok().copied()).collect();
        sizes.map(|sizes| Dims::new(&sizes))
    }

    fn show(&self) -> String {
        let sizes: Vec<String> =
            self.0.iter().map(|size| size.as_ref().map_or_else(Clone::clone, ToString::to_string)).collect();
        format!("`[{}]`", sizes.join(", "))
    }

    fn after(&self, operation: &Operation, known: Option<&Dims>) -> Self {
        if let Some(known) = known {
            return Self(known.as_slice().iter().map(|size| Ok(*size)).collect());
        }
        match operation {
            Operation::Conv(conv) => {
                let channels = match &conv.channels {
                    Channels::Out { out, .. } => size(out),
                    Channels::Each(multiplier) => product(&[self.0[0].clone(), size(multiplier)]),
                };
                self.slide(channels, &conv.windows, false)
            }
            Operation::ConvTranspose(conv) => {
                let axes = self.0[1..].iter().zip(&conv.windows).zip(&conv.output_padding);
                let sizes = axes.map(|((size, window), added)| match (size, window.known(), added.known()) {
                    (Ok(size), Some(window), Some(added)) => Ok(window.transposed_output(*size, added)),
                    _ => Err("…".to_owned()),
                });
                Self(std::iter::once(size(&conv.out_channels)).chain(sizes).collect())
            }
            Operation::Pool(pool) => self.slide(self.0[0].clone(), &pool.windows, pool.ceil),
            Operation::Linear { out_features, .. } => Self(vec![size(out_features)]),
            Operation::Reshape(to) => Self::of(to),
            Operation::Plain(Op::GlobalPool(_)) => Self(vec![self.0[0].clone()]),
            Operation::Plain(Op::Permute(permutation)) => {
                let axes = permutation.axes[..permutation.rank].iter();
                Self(axes.map(|axis| self.0.get(*axis).cloned().unwrap_or(Ok(1))).collect())
            }
            Operation::Plain(Op::Flatten) => Self(vec![product(&self.0)]),
            Operation::Lrn(_) | Operation::Own(_) | Operation::Plain(_) | Operation::Unread => Self(self.0.clone()),
        }
    }

    fn slide(&self, channels: Result<usize, String>, windows: &[WindowSizes], ceil: bool) -> Self {
        use convnet_shape::window::Rounding;
        let rounding = if ceil { Rounding::Ceil } else { Rounding::Floor };
        let positions = self.0[1..].iter().zip(windows).map(|(size, window)| match (size, window.known()) {
            (Ok(size), Some(window)) => Ok(window.output(*size, rounding)),
            _ => Err("…".to_owned()),
        });
        Self(std::iter::once(channels).chain(positions).collect())
    }
}

fn size(size: &Size) -> Result<usize, String> {
    match size {
        Size::Any => Err("_".to_owned()),
        Size::Literal(value) => Ok(*value),
        Size::Expression(expression) => Err(written(&expression.written.to_token_stream())),
    }
}

/// The sum of sizes, as far as they are known.
fn sum<'a>(sizes: impl Iterator<Item = &'a Result<usize, String>>) -> Result<usize, String> {
    let (mut known, mut terms) = (0_usize, Vec::new());
    for size in sizes {
        match size {
            Ok(size) => known = known.saturating_add(*size),
            Err(text) => terms.push(text.clone()),
        }
    }
    if terms.is_empty() {
        return Ok(known);
    }
    terms.extend((known > 0).then(|| known.to_string()));
    Err(terms.join(" + "))
}

/// The product of sizes, as far as they are known.
fn product(sizes: &[Result<usize, String>]) -> Result<usize, String> {
    let known: Option<Vec<usize>> = sizes.iter().map(|size| size.as_ref().ok().copied()).collect();
    if let Some(known) = known {
        return Ok(known.into_iter().fold(1, usize::saturating_mul));
    }
    let factors: Vec<&Result<usize, String>> = sizes.iter().filter(|size| **size != Ok(1)).collect();
    if let [one] = factors.as_slice() {
        return (*one).clone();
    }
    let factors: Vec<String> =
        factors.iter().map(|size| size.as_ref().map_or_else(|text| factor(text), ToString::to_string)).collect();
    Err(factors.join(" * "))
}

/// A sum as a factor needs parentheses.
fn factor(text: &str) -> String {
    if text.contains([' ']) { format!("({text})") } else { text.to_owned() }
}

fn show(number: Option<usize>) -> String {
    match number {
        Some(0) => String::new(),
        Some(number) => group(number),
        None => "…".to_owned(),
    }
}

/// `61 706`.
fn group(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// Tokens as a person would write them.
fn written(tokens: &TokenStream) -> String {
    let spaced = tokens.to_string();
    let mut text = spaced.replace(" (", "(").replace("( ", "(").replace(" )", ")").replace(" ,", ",");
    text = text.replace(" :: ", "::").replace(":: ", "::").replace(" . ", ".");
    text.replace('|', "\\|")
}
