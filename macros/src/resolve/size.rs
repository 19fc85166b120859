//! Sizes and shapes as they are written.

use convnet_shape::dims::{MAX_RANK, MAX_SIZE};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{BinOp, Expr, Lit, UnOp};

use crate::ast;
use crate::model::{Expression, Shape, Size};
use crate::report::Report;

pub fn written_shape(sizes: &ast::Sizes, report: &mut Report) -> Shape {
    shape(&sizes.sizes, sizes.to_token_stream(), report)
}

pub fn shape(sizes: &[Expr], tokens: TokenStream, report: &mut Report) -> Shape {
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

/// An output in which `_` may stand for a size that follows from the input.
pub fn written_output(sizes: &ast::Sizes, report: &mut Report) -> Shape {
    let any = |value: &Expr| matches!(bare(value), Expr::Infer(_));
    let unit: Expr = syn::parse_quote!(1);
    let written: Vec<Expr> =
        sizes.sizes.iter().map(|value| if any(value) { unit.clone() } else { value.clone() }).collect();
    let mut shape = shape(&written, sizes.to_token_stream(), report);
    if !shape.unread {
        let pairs = shape.sizes.iter_mut().zip(&sizes.sizes);
        pairs.filter(|(_, value)| any(value)).for_each(|(size, _)| *size = Size::Any);
    }
    shape
}

/// A size as it is written; a literal that is none is reported.
pub fn size(value: &Expr, report: &mut Report) -> Option<Size> {
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
        Expr::Infer(_) => report.at(
            value,
            "`_` stands for a size in the output of a network over a generic input size; here write the size",
        ),
        Expr::Tuple(_) | Expr::Array(_) => report.at(value, format!("expected one whole number, found `{text}`")),
        Expr::Closure(_) | Expr::Assign(_) | Expr::Range(_) => {
            report.at(value, format!("expected a whole number or a constant expression, found `{text}`"));
        }
        Expr::Binary(binary) => {
            let (left, right) = (size(&binary.left, report)?, size(&binary.right, report)?);
            // Arithmetic of literals, as blocks have it, is a literal.
            match left.known().zip(right.known()).and_then(|(left, right)| computed(&binary.op, left, right)) {
                Some(value) => return Some(Size::Literal(value)),
                None => return Some(Size::Expression(Box::new(Expression { written: value.clone(), constant: None }))),
            }
        }
        _ => return Some(Size::Expression(Box::new(Expression { written: value.clone(), constant: None }))),
    }
    None
}

/// What an operator makes of two numbers; `None` for what rustc is to say something about.
fn computed(operator: &BinOp, left: usize, right: usize) -> Option<usize> {
    match operator {
        BinOp::Add(_) => left.checked_add(right),
        BinOp::Sub(_) => left.checked_sub(right),
        BinOp::Mul(_) => left.checked_mul(right),
        BinOp::Div(_) => left.checked_div(right),
        BinOp::Rem(_) => left.checked_rem(right),
        _ => None,
    }
}

/// An expression without the parentheses and invisible groups around it.
pub fn bare(value: &Expr) -> &Expr {
    match value {
        Expr::Paren(inner) => bare(&inner.expr),
        Expr::Group(inner) => bare(&inner.expr),
        _ => value,
    }
}
