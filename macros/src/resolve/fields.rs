//! The arguments of one layer, looked up by name and read by kind.

use convnet_shape::check::Field;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, Lit, UnOp};

use super::keywords::Keyword;
use super::size::{bare, size};
use crate::ast::{Argument, Call};
use crate::message;
use crate::model::{Operation, PaddingSizes, Size, WindowSizes};
use crate::report::Report;

/// The arguments of one layer, looked up by name.
pub struct Fields<'a> {
    pub layer: &'a str,
    name: &'static str,
    keyword: &'static Keyword,
    values: Vec<(&'static str, &'a Expr)>,
    pub underlined: Vec<(Field, TokenStream)>,
    pub report: &'a mut Report,
    /// Whether a field that must be there is missing or cannot be read.
    pub broken: bool,
}

impl<'a> Fields<'a> {
    pub fn new(
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
    pub fn rank(&self) -> usize {
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
    pub fn wrong(&mut self, guilty: impl ToTokens, sentence: String) {
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
    pub fn value(&mut self, name: &'static str, field: Field) -> Option<&'a Expr> {
        let (_, value) = self.values.iter().find(|(given, _)| *given == name)?;
        self.underlined.push((field, value.to_token_stream()));
        Some(value)
    }

    pub fn size(&mut self, name: &'static str, field: Field) -> Option<Size> {
        let value = self.value(name, field)?;
        let size = size(value, self.report);
        self.broken |= size.is_none();
        size
    }

    pub fn flag(&mut self, name: &'static str, default: bool) -> bool {
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
    pub fn number(&mut self, name: &'static str, default: Option<f32>) -> Option<f32> {
        let Some(value) = self.value(name, Field::Setting(name)) else { return default };
        self.float(value, &format!("expected `{name}` written as a number, such as `0.1`"))
    }

    /// A literal float; `expected` is what to say of anything else.
    pub fn float(&mut self, value: &'a Expr, expected: &str) -> Option<f32> {
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
    pub fn bracketed(&mut self, name: &'static str, field: Field, example: &str) -> Option<&'a syn::ExprArray> {
        let value = self.value(name, field)?;
        if let Expr::Array(array) = bare(value) {
            return Some(array);
        }
        let found = value.to_token_stream();
        self.report.at(value, format!("expected `{name}` of `{}` in brackets, {example}, found `{found}`", self.layer));
        self.none()
    }

    /// Floats in brackets.
    pub fn numbers(&mut self, name: &'static str) -> Option<Vec<f32>> {
        let array = self.bracketed(name, Field::Setting(name), &format!("`{name} = [0.5, 0.5, 0.5]`"))?;
        let expected = format!("expected `{name}` written as numbers, such as `0.1`");
        let numbers: Vec<Option<f32>> = array.elems.iter().map(|value| self.float(value, &expected)).collect();
        numbers.into_iter().collect()
    }

    /// One size for every axis: `3` or `(3, 5)`.
    pub fn per_axis(&mut self, name: &'static str, field: Field, rank: usize) -> Option<Vec<Size>> {
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
    pub fn windows(&mut self, rank: usize, default_stride: Option<usize>) -> Option<Vec<WindowSizes>> {
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
    pub fn unless_broken(&self, operation: Operation) -> Option<Operation> {
        if self.broken { None } else { Some(operation) }
    }
}
