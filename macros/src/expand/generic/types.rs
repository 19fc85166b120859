//! The generic type itself, its shapes written with its parameters, and the struct of its heads.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Expr;

use super::methods::{methods, network_impl};
use crate::ast::{self, Declaration, Output, Sizes};
use crate::expand::{heads, item, root, types, values};
use crate::infer::Facts;
use crate::model::{self, Network, Shape};
use crate::resolve::Fill;

/// The generic type.
pub fn expand(
    written: &ast::Network,
    (network, facts): (&Network, &Facts),
    head: &ast::Head,
    parameters: &[Ident],
) -> TokenStream {
    let Declaration::Item(item) = &written.declaration else { return TokenStream::new() };
    let (root, ast::Head { attributes, visibility, name }) = (root(), head);
    let declared = network.item.as_ref().expect("a generic network has a name");
    let chain = types::chain(network, facts);
    let shape = shape(network, parameters, &item.input);
    let count = network.layers.len();
    let names = network.layers.iter().map(|layer| &layer.name);
    let files = network.layers.iter().map(|layer| &layer.file_name);
    let options = values::options(&network.options);
    let tensors = item::tensors(network);
    let statistics = network.layers.iter().filter_map(item::statistics);
    let stated = stated(written, network, &shape, parameters);
    let methods = methods(name, parameters);
    let (outputs, output, bounds) = match &declared.output {
        model::Output::One(_) => (
            TokenStream::new(),
            quote!(::convnet::Tensor<<#chain as ::convnet::Layer<#shape>>::Out>),
            TokenStream::new(),
        ),
        model::Output::Heads { heads, .. } => {
            let of = quote!(#root::HeadsOf<<#chain as #root::EndsInHeads<#shape>>::Shapes>);
            let own = quote!(#name<#(#parameters),*>);
            let bounds = quote!(#chain: #root::EndsInHeads<#shape>, #own: #of,);
            (self::heads(head, parameters, heads), quote!(<#own as #of>::Output), bounds)
        }
    };
    let network_impl = network_impl((name, parameters), (&shape, &chain), (&output, &bounds));
    quote! {
        #(#attributes)*
        #visibility struct #name<#(#parameters),*> {
            __params: #root::Params,
            __sizes: ::core::marker::PhantomData<fn() -> (#(#parameters,)*)>,
        }
        #outputs

        const _: () = {
            #(#statistics)*
            #root::declare_generic! {
                network #name [#(#parameters)*], layers #count;
                shape #shape;
                chain #chain;
                options #options;
                stated [#(#stated),*];
                names [#(#names),*];
                files [#(#files),*];
                tensors [#(#tensors),*];
            }
            #network_impl
            #methods
        };
    }
}

/// `Image<U3, H, W>`.
fn shape(network: &Network, parameters: &[Ident], input: &Sizes) -> TokenStream {
    let root = root();
    let name = format_ident!("{}", ["Vector", "Seq", "Image", "Volume"][input.sizes.len() - 1]);
    let sizes = input.sizes.iter().zip(&network.input.sizes).map(|(written, size)| match written {
        Expr::Path(path) if parameters.iter().any(|parameter| path.path.is_ident(parameter)) => path.to_token_stream(),
        _ => types::numeral(size),
    });
    quote!(#root::shape::#name<#(#sizes),*>)
}

/// The struct of several outputs, generic over their shapes, and how it is made of these.
fn heads(head: &ast::Head, parameters: &[Ident], heads: &[(Ident, Shape)]) -> TokenStream {
    let ast::Head { visibility, name: network, .. } = head;
    let (root, output) = (root(), heads::name(network));
    let doc = format!("What [`{}`] gives: a field for each of its heads.", head.name);
    let names: Vec<&Ident> = heads.iter().map(|(name, _)| name).collect();
    let docs = names.iter().map(|name| format!("The head `{name}`."));
    let shapes: Vec<Ident> = (0..heads.len()).map(|index| format_ident!("S{index}")).collect();
    quote! {
        #[doc = #doc]
        #[repr(C)]
        #visibility struct #output<#(#shapes: #root::shape::Shape),*> {
            #(
                #[doc = #docs]
                pub #names: ::convnet::Tensor<#shapes>,
            )*
        }
        #root::heads!([#(#shapes)*] #output<#(#shapes),*>; #(#names: ::convnet::Tensor<#shapes>;)*);
        #root::heads_traits!([#(#shapes)*] #output<#(#shapes),*>; #(#names)*);

        impl<#(#parameters,)* #(#shapes: #root::shape::Shape),*> #root::HeadsOf<(#(#shapes,)*)>
            for #network<#(#parameters),*>
        {
            type Output = #output<#(#shapes),*>;
        }
    }
}

/// What the output is declared to be, to be held against every size that the network is used with: `None` for `_`.
fn stated(network: &ast::Network, resolved: &Network, shape: &TokenStream, parameters: &[Ident]) -> Vec<TokenStream> {
    let (root, Declaration::Item(item)) = (root(), &network.declaration) else { return Vec::new() };
    let sizes: Vec<Expr> = parameters
        .iter()
        .map(|parameter| {
            let word = |size: &Expr| matches!(size, Expr::Path(path) if path.path.is_ident(parameter));
            let axis = item.input.sizes.iter().position(word).unwrap_or(0);
            syn::parse_quote!((<#shape as #root::shape::Shape>::DIMS.size(#axis)))
        })
        .collect();
    let values: HashMap<String, &Expr> = parameters.iter().map(ToString::to_string).zip(&sizes).collect();
    let all: Vec<(String, usize, &Sizes)> = match &item.output {
        Output::One(sizes) => vec![(String::new(), resolved.layers.len(), sizes)],
        Output::Heads { heads, .. } => {
            let value = |name: &Ident| resolved.heads.iter().find(|head| head.name == *name).map(|head| head.value);
            heads.iter().filter_map(|(name, sizes)| Some((name.to_string(), value(name)?, sizes))).collect()
        }
    };
    let stated = all.into_iter().map(|(head, value, sizes)| {
        let sizes = Fill(&values).sizes(sizes);
        let sizes = sizes.sizes.iter().map(|size| match size {
            Expr::Infer(_) => quote!(::core::option::Option::None),
            size => quote!(::core::option::Option::Some(#size)),
        });
        quote!((#head, #value, &[#(#sizes),*]))
    });
    stated.collect()
}
