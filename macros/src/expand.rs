//! Model and facts to code. Expansion names paths and computes nothing; boilerplate is one call of a hidden
//! `macro_rules!` of the library, where it can be read.

mod anonymous;
mod blocks;
mod constants;
mod docs;
mod generic;
pub mod heads;
pub mod item;
pub mod types;
mod values;

use convnet_shape::op::Activation;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::report::{Report, visible};
use crate::{ast, check, fallback, infer, parse, resolve};

/// `cnn! { … }`: parse, resolve, check, infer, expand.
pub fn cnn(tokens: TokenStream) -> TokenStream {
    if let Some(tokens) = generic::handed_back(&tokens) {
        return generic::instance(tokens);
    }
    if parse::is_instance(&tokens) {
        return generic::ask(tokens);
    }
    match parse::import(&tokens) {
        Ok(None) => {}
        // The block gives its tokens and calls this macro again.
        Ok(Some((path, rest))) => return quote!(#path! { @cnn #rest }),
        Err(error) => return error.into_compile_error(),
    }
    let mut report = Report::default();
    let Some(network) = parse::parse(tokens.clone(), &mut report) else {
        return report.into_compile_errors();
    };
    if let ast::Declaration::Item(item) = &network.declaration
        && check::generics(item, &mut report)
    {
        return generic::declaration(network, tokens, report);
    }
    if let ast::Declaration::Blocks = &network.declaration {
        resolve::check_blocks(&network.blocks, &mut report);
        let blocks = blocks::expand(&network.blocks);
        let errors = report.into_compile_errors();
        return quote!(#blocks #errors);
    }
    let mut network = match resolve::resolve(network, &mut report) {
        Ok(network) => network,
        Err(Some(head)) => return fallback::head(&head, &report.into_each_compile_error()),
        Err(None) => return fallback::anonymous(&report.into_each_compile_error()),
    };
    check::some_layers(&network, &mut report);
    check::names(&network, &mut report);
    check::statistics(&network, &mut report);
    check::heads(&mut network, &mut report);
    let facts = infer::infer(&network, &mut report);
    match (&network.item, report.into_each_compile_error().as_slice()) {
        (Some(_), []) => {
            let constants = constants::bind(&mut network);
            item::expand(&network, &constants, &facts)
        }
        (Some(item), errors) => fallback::network(&network, item, errors),
        (None, []) => anonymous::expand(&network, &facts),
        (None, errors) => fallback::anonymous(errors),
    }
}

/// The module of the library that expansions name.
pub fn root() -> TokenStream {
    quote!(::convnet::__private)
}

/// What an activation is called, as a variant and as a type, and its settings.
fn activation(activation: &Activation) -> (Ident, Vec<f32>) {
    let (name, settings) = match *activation {
        Activation::Relu => ("Relu", vec![]),
        Activation::LeakyRelu(slope) => ("LeakyRelu", vec![slope]),
        Activation::Elu(alpha) => ("Elu", vec![alpha]),
        Activation::Selu => ("Selu", vec![]),
        Activation::Gelu => ("Gelu", vec![]),
        Activation::Silu => ("Silu", vec![]),
        Activation::Clamp(low, high) => ("Clamp", vec![low, high]),
        Activation::HardSwish => ("HardSwish", vec![]),
        Activation::Tanh => ("Tanh", vec![]),
        Activation::Sigmoid => ("Sigmoid", vec![]),
    };
    (format_ident!("{name}"), settings)
}

/// `tokens` such that rustc underlines all of `guilty` for a mistake in them: their first token takes the place of
/// its first, their last that of its last.
pub fn spanned_over(tokens: TokenStream, guilty: &TokenStream) -> TokenStream {
    let (first, last) = ends(&visible(guilty.clone()));
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let count = tokens.len();
    for (index, token) in tokens.iter_mut().enumerate() {
        let place = if index + 1 < count { first } else { last };
        if let TokenTree::Group(group) = token {
            let mut placed = Group::new(group.delimiter(), group.stream());
            placed.set_span(place);
            *group = placed;
        } else {
            token.set_span(place);
        }
    }
    tokens.into_iter().collect()
}

fn ends(tokens: &TokenStream) -> (Span, Span) {
    let first = tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| match token {
        TokenTree::Group(group) => group.span_open(),
        other => other.span(),
    });
    let last = tokens.clone().into_iter().last().map_or_else(Span::call_site, |token| match token {
        TokenTree::Group(group) => group.span_close(),
        other => other.span(),
    });
    (first, last)
}
