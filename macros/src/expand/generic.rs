//! Networks over a generic input size, `pub struct Backbone<H, W>: [3, H, W] -> …`, and their instances,
//! `type Big = Backbone[224, 224]`.
//!
//! The declaration becomes one generic type, which rustc computes with, and a hidden macro that hands back its tokens.
//! An instance asks that macro, puts its sizes in the place of the parameters and is checked as any declaration: in
//! decimals, at the sizes. What it emits is a name for the generic type with these sizes.

mod instance;
mod methods;
mod types;

use std::collections::HashMap;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use syn::{Expr, GenericParam, Generics};

use crate::ast::{self, Declaration, Item, Output};
use crate::expand::blocks::hidden;
use crate::infer::Facts;
use crate::model::Network;
use crate::report::Report;
use crate::resolve::Fill;
use crate::{check, fallback, infer, resolve};

pub use instance::{ask, handed_back, instance};

/// Sizes at which a declaration is tried: it is refused where none fits.
const SAMPLES: [usize; 24] =
    [256, 224, 227, 299, 512, 1024, 192, 160, 128, 112, 96, 84, 64, 56, 48, 40, 32, 28, 24, 16, 12, 8, 4, 1];

/// The generic type, and the macro that hands back its tokens.
pub fn declaration(written: ast::Network, tokens: TokenStream, mut report: Report) -> TokenStream {
    let Declaration::Item(item) = &written.declaration else { unreachable!("only items have generic parameters") };
    let (head, generics, parameters) = (&item.head, &item.generics, parameters(item));
    if !report.is_empty() {
        return broken(head, generics, &tokens, &report.into_each_compile_error());
    }
    let resolved = at_samples(&written, &parameters, &mut report);
    let errors = report.into_each_compile_error();
    match resolved {
        Some((network, facts)) if errors.is_empty() => {
            let declared = types::expand(&written, (&network, &facts), head, &parameters);
            let ast::Head { visibility, name, .. } = head;
            let hidden = hidden("network", name, &tokens);
            quote! {
                #declared
                #[doc(hidden)]
                #[macro_export]
                macro_rules! #hidden {
                    (@instance $($instance:tt)*) => { ::convnet::cnn! { @instance { #tokens } $($instance)* } };
                }
                #[allow(unused_imports)]
                #visibility use #hidden as #name;
            }
        }
        _ => broken(head, generics, &tokens, &errors),
    }
}

/// A declaration with mistakes; its instances say nothing about them.
fn broken(head: &ast::Head, generics: &Generics, tokens: &TokenStream, errors: &[TokenStream]) -> TokenStream {
    let skeleton = fallback::generic(head, generics, errors);
    let ast::Head { visibility, name, .. } = head;
    let hidden = hidden("network", name, tokens);
    quote! {
        #skeleton
        #[doc(hidden)]
        #[macro_export]
        macro_rules! #hidden {
            (@instance $($instance:tt)*) => { ::convnet::cnn! { @instance {} $($instance)* } };
        }
        #[allow(unused_imports)]
        #visibility use #hidden as #name;
    }
}

fn parameters(item: &Item) -> Vec<Ident> {
    let parameter = |parameter: &GenericParam| match parameter {
        GenericParam::Type(parameter) => Some(parameter.ident.clone()),
        _ => None,
    };
    item.generics.params.iter().filter_map(parameter).collect()
}

/// The network at the first size at which it has no mistakes; those at the first of all if there is none.
fn at_samples(network: &ast::Network, parameters: &[Ident], report: &mut Report) -> Option<(Network, Facts)> {
    for sample in SAMPLES {
        let mut own = Report::default();
        let size = Literal::usize_unsuffixed(sample);
        let sizes: Vec<Expr> = parameters.iter().map(|_| syn::parse_quote!(#size)).collect();
        let compiled = compiled(network, parameters, &sizes, "", &mut own);
        if own.is_empty() {
            own.into_compile_errors();
            return compiled;
        }
        own.into_compile_errors();
    }
    let size = Literal::usize_unsuffixed(SAMPLES[0]);
    let sizes: Vec<Expr> = parameters.iter().map(|_| syn::parse_quote!(#size)).collect();
    let tried: Vec<String> = parameters.iter().map(|parameter| format!("{parameter} = {}", SAMPLES[0])).collect();
    let remark = format!(" (tried with {}; no other size fits)", tried.join(", "));
    compiled(network, parameters, &sizes, &remark, report);
    None
}

/// The network with sizes in the place of its parameters.
fn compiled(
    network: &ast::Network,
    parameters: &[Ident],
    sizes: &[Expr],
    remark: &str,
    report: &mut Report,
) -> Option<(Network, Facts)> {
    let Declaration::Item(item) = &network.declaration else { return None };
    let values: HashMap<String, &Expr> = parameters.iter().map(ToString::to_string).zip(sizes).collect();
    let fill = Fill(&values);
    let output = match &item.output {
        Output::One(sizes) => Output::One(fill.sizes(sizes)),
        Output::Heads { brace, heads } => {
            let heads = heads.iter().map(|(name, sizes)| (name.clone(), fill.sizes(sizes)));
            Output::Heads { brace: *brace, heads: heads.collect() }
        }
    };
    let head =
        ast::Head { attributes: Vec::new(), visibility: item.head.visibility.clone(), name: item.head.name.clone() };
    let item = Item {
        head,
        generics: item.generics.clone(),
        input: fill.sizes(&item.input),
        output,
        options: item.options.clone(),
        body: item.body,
        layers: fill.layers(&item.layers),
    };
    let blocks = network.blocks.iter().map(|block| ast::Block {
        attributes: Vec::new(),
        visibility: block.visibility.clone(),
        name: block.name.clone(),
        parameters: block.parameters.clone(),
        layers: block.layers.clone(),
    });
    let filled = ast::Network { blocks: blocks.collect(), declaration: Declaration::Item(Box::new(item)) };
    let mut network = resolve::resolve(filled, report).ok()?;
    check::some_layers(&network, report);
    check::names(&network, report);
    check::heads(&mut network, report);
    check::nothing_own(&network, report);
    if network.heads.len() > network.layers.last().map_or(0, |layer| layer.reads.count()) {
        let sentence = "heads of a network over a generic input size begin at one layer; here some skip from others";
        report.at(&network.layers[network.layers.len() - 1].tokens, sentence);
    }
    report.remark = remark.to_owned();
    let facts = infer::infer(&network, report);
    report.remark.clear();
    Some((network, facts))
}
