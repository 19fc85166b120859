//! `type Big = Backbone[224, 224]`: a name for the generic type at one size, checked in decimals.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};

use super::{compiled, parameters};
use crate::ast::{self, Declaration, Instance, Sizes};
use crate::expand::{root, spanned_over, types, values};
use crate::infer::Facts;
use crate::model::{self, Network, Size};
use crate::report::Report;
use crate::{fallback, message, parse, resolve};

/// `type Big = path::Backbone[224, 224]` asks the macro of that name for the declaration.
pub fn ask(tokens: TokenStream) -> TokenStream {
    match parse::instance.parse2(tokens.clone()) {
        Ok(Instance { network, .. }) => quote!(#network! { @instance #tokens }),
        Err(error) => error.into_compile_error(),
    }
}

/// What a declaration's macro hands back: `@instance { declaration } type …`.
pub fn handed_back(tokens: &TokenStream) -> Option<TokenStream> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Punct(at)), Some(TokenTree::Ident(word))) if at.as_char() == '@' && word == "instance" => {
            Some(tokens.collect())
        }
        _ => None,
    }
}

/// The name of an instance, and its checks.
pub fn instance(tokens: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| {
        let content;
        syn::braced!(content in input);
        Ok((content.parse::<TokenStream>()?, parse::instance(input)?))
    };
    let (declaration, instance) = match parser.parse2(tokens) {
        Ok(read) => read,
        Err(error) => return error.into_compile_error(),
    };
    if declaration.is_empty() {
        let Instance { visibility, name, network, sizes, .. } = &instance;
        let parameters = sizes.sizes.iter().map(|_| quote!(()));
        return quote!(#visibility type #name = #network<#(#parameters),*>;);
    }
    let mut quiet = Report::default();
    let network = parse::parse(declaration, &mut quiet);
    quiet.into_compile_errors();
    let Some(network) = network else { return TokenStream::new() };
    let Declaration::Item(item) = &network.declaration else { return TokenStream::new() };
    let parameters = parameters(item);
    let mut report = Report::default();
    let (checks, numerals) = checked(&network, &parameters, &instance, &mut report);
    let Instance { attributes, visibility, name, network: path, .. } = &instance;
    let errors = report.into_each_compile_error();
    if !errors.is_empty() {
        let head = ast::Head { attributes: attributes.clone(), visibility: visibility.clone(), name: name.clone() };
        return fallback::head(&head, &errors);
    }
    let doc = format!("{}{}.", instance.network.to_token_stream(), instance.sizes.to_token_stream()).replace(' ', "");
    let doc = doc.replace(',', ", ");
    quote! {
        #(#attributes)*
        #[doc = #doc]
        #visibility type #name = #path<#(#numerals),*>;
        #checks
    }
}

/// What rustc is to check, and the sizes as types; mistakes are told at the sizes.
fn checked(
    network: &ast::Network,
    parameters: &[Ident],
    instance: &Instance,
    report: &mut Report,
) -> (TokenStream, Vec<TokenStream>) {
    let (sizes, nothing) = (&instance.sizes, (TokenStream::new(), Vec::new()));
    let shown = instance.network.to_token_stream().to_string().replace(' ', "");
    let names: Vec<String> = parameters.iter().map(ToString::to_string).collect();
    if sizes.sizes.len() != parameters.len() {
        let sentence = format!(
            "`{shown}` takes {}, `{shown}[{}]`; here {}",
            message::count(parameters.len(), "size"),
            names.join(", "),
            message::are(sizes.sizes.len())
        );
        report.at(sizes, sentence);
        return nothing;
    }
    let own = resolve::sizes(&sizes.sizes, report);
    if !report.is_empty() {
        return nothing;
    }
    let mut quiet = Report::default();
    let compiled = compiled(network, parameters, &sizes.sizes, "", &mut quiet);
    let written: Vec<String> = sizes.sizes.iter().map(|size| size.to_token_stream().to_string()).collect();
    for sentence in quiet.into_sentences() {
        report.at(sizes, format!("`{shown}[{}]`: {sentence}", written.join(", ")));
    }
    let Some((network, facts)) = compiled.filter(|_| report.is_empty()) else { return nothing };
    (left_to_rustc(&network, &facts, sizes), own.iter().map(types::numeral).collect())
}

/// Where a size is an expression: the checks, underlining the sizes.
fn left_to_rustc(network: &Network, facts: &Facts, sizes: &Sizes) -> TokenStream {
    let (root, strict, ends) = (root(), network.strict, network.layers.len() + 1);
    if network.input.known().is_some() {
        return TokenStream::new();
    }
    let (layers, first) = (values::layers(network), values::dims(&network.input));
    let name = network.item.as_ref().map_or_else(String::new, |item| item.head.name.to_string());
    let mut checks = vec![quote!(#root::check::require_input(#name, INPUT))];
    let left = facts.left_to_rustc.iter().enumerate().filter(|(_, left)| **left);
    checks.extend(left.map(|(index, _)| quote!(#root::check::require::<#ends>(LAYERS, #index, INPUT, #strict))));
    if let Some(model::Output::One(shape)) = network.item.as_ref().map(|item| &item.output)
        && shape.sizes.iter().all(|size| !matches!(size, Size::Any))
        && facts.outputs_left_to_rustc[0]
    {
        let declared = values::dims(shape);
        checks.push(quote!(#root::check::require_output::<#ends>(#name, LAYERS, INPUT, &#declared, #strict)));
    }
    let checks = checks.into_iter().map(|check| {
        let check = spanned_over(check, &sizes.to_token_stream());
        quote!(const _: () = #check;)
    });
    quote! {
        const _: () = {
            const INPUT: &#root::Dims = &#first;
            const LAYERS: &[#root::check::Layer<'static>] = &#layers;
            #(#checks)*
        };
    }
}
