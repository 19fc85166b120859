//! What is emitted with errors: a skeleton of the type, so that the rest of the crate does not drown.
//!
//! The errors stand in a constant, and the constant in a type. rustc is silent about whatever has to do with a type
//! that it cannot know, so everything that is not known about the network is given that type: constants, parameters,
//! and the input and the output if they are what is wrong.

use convnet_shape::dims::MAX_LEN;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, Generics};

use crate::ast::Head;
use crate::expand::{self, item, root, types};
use crate::model::{Item, Network, Output, Shape};

/// A network of which only the name could be read: a name for what is unknown.
pub fn head(head: &Head, errors: &[TokenStream]) -> TokenStream {
    let Head { visibility, name, .. } = head;
    let unknown = unknown(errors, &quote!(()));
    quote! {
        #[allow(dead_code)]
        #visibility type #name = #unknown;
    }
}

/// A network with mistakes.
pub fn network(network: &Network, item: &Item, errors: &[TokenStream]) -> TokenStream {
    let Item { head: Head { attributes, visibility, name }, output, .. } = item;
    let (root, unknown, views) = (root(), unknown(errors, &quote!(())), views(network));
    let (input_rank, output_rank) = (network.input.sizes.len(), item::rank(output));
    let heads = heads(item);
    let holds = output.shapes().all(holds);
    let returned = if holds { returned(output) } else { quote!(__CnnUnknown) };
    let (input, output) = (door(&network.input), if holds { item::door(item) } else { quote!(__CnnUnknown) });
    quote! {
        #(#attributes)*
        #visibility struct #name {
            __params: #root::Params,
        }
        #heads
        const _: () = {
            type __CnnUnknown = #unknown;
            type __CnnInput = #input;
            type __CnnOutput = #output;
            #root::skeleton! {
                network #name, __CnnUnknown;
                input __CnnInput, #input_rank;
                output __CnnOutput, #output_rank;
                returned #returned;
                views [#(#views)*]
            }
        };
    }
}

/// A network without a name.
pub fn anonymous(errors: &[TokenStream]) -> TokenStream {
    unknown(errors, &quote!(()))
}

/// A network with generic parameters: a name for what is unknown.
pub fn generic(head: &Head, generics: &Generics, errors: &[TokenStream]) -> TokenStream {
    let Head { visibility, name, .. } = head;
    let parameters = generics.params.iter().map(|parameter| match parameter {
        GenericParam::Lifetime(lifetime) => quote!(&#lifetime ()),
        GenericParam::Type(parameter) => parameter.ident.to_token_stream(),
        GenericParam::Const(_) => quote!(()),
    });
    let unknown = unknown(errors, &quote!((#(#parameters,)*)));
    quote! {
        #[allow(dead_code)]
        #visibility type #name #generics = #unknown;
    }
}

/// A type that rustc cannot know, because the errors stand in it.
fn unknown(errors: &[TokenStream], parameters: &TokenStream) -> TokenStream {
    let root = root();
    quote!(<#root::Checked<{ #(#errors;)* true }> as #root::KeepType<#parameters>>::Type)
}

/// Whether the sizes are not what is wrong.
fn holds(shape: &Shape) -> bool {
    !shape.unread && shape.known().is_none_or(|dims| dims.len() <= MAX_LEN)
}

/// The value at the door, unless its sizes are what is wrong.
fn door(shape: &Shape) -> TokenStream {
    if holds(shape) { types::value(shape) } else { quote!(__CnnUnknown) }
}

/// The struct of several outputs; a field whose sizes are wrong is a float.
fn heads(item: &Item) -> TokenStream {
    let Output::Heads { heads, .. } = &item.output else { return TokenStream::new() };
    let mut once: Vec<(&Ident, TokenStream)> = Vec::new();
    for (name, shape) in heads {
        if !once.iter().any(|(own, _)| *own == name) {
            once.push((name, if holds(shape) { types::value(shape) } else { quote!(f32) }));
        }
    }
    let (names, types): (Vec<&Ident>, Vec<TokenStream>) = once.into_iter().unzip();
    expand::heads::declare(&item.head, &names, &types)
}

/// By value or boxed, where the sizes are literals.
fn returned(output: &Output) -> TokenStream {
    let root = root();
    match output.known() {
        Some(dims) if types::by_value(&dims) => quote!(__CnnOutput),
        Some(_) => quote!(#root::Box<__CnnOutput>),
        None => quote!(__CnnUnknown),
    }
}

/// Names of the methods that give typed access to parameters.
fn views(network: &Network) -> Vec<Ident> {
    let mut views: Vec<Ident> = Vec::new();
    for layer in &network.layers {
        let name = match &layer.written_name {
            Some(name) => name.clone(),
            None if layer.name.is_empty() => continue,
            None => format_ident!("{}", layer.accessor()),
        };
        let reserved = crate::check::METHODS.contains(&layer.accessor().as_str()) || layer.name.ends_with("_mut");
        if !reserved && !views.contains(&name) {
            views.push(name);
        }
    }
    views
}
