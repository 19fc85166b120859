//! What is emitted beside errors: a skeleton of the type, so that the rest of the crate does not drown.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::root;
use crate::model::{Item, Network, Shape};

/// A struct with the name and the methods of the network, if its declared shapes are literals; the struct alone if
/// they are expressions, which may be what is wrong.
pub fn expand(network: &Network, item: &Item) -> TokenStream {
    let Item { attributes, visibility, name, .. } = item;
    let root = root();
    let item_tokens = quote! {
        #(#attributes)*
        #visibility struct #name {
            __params: #root::Params,
        }
    };
    let (Some(input), Some(output)) = (door(&network.input), door(&item.output)) else { return item_tokens };
    quote! {
        #item_tokens
        const _: () = {
            #root::skeleton!(#name, #input, #output);
        };
    }
}

fn door(shape: &Shape) -> Option<TokenStream> {
    let dims = shape.known()?;
    let usable = (1..=4).contains(&dims.rank()) && dims.rank() == shape.sizes.len() && dims.len() < 1 << 24;
    usable.then(|| {
        let sizes = dims.as_slice();
        let name = quote::format_ident!("{}", ["Flat", "Cl", "Chw", "Cdhw"][dims.rank() - 1]);
        quote!(::convnet::#name<#(#sizes),*>)
    })
}
