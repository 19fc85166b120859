//! Blocks for other declarations: each is a `macro_rules!` that hands its tokens to the `cnn!` which asks for it with
//! `use path::block;`, in this crate or in another, so that literal checks work inside it.

use std::hash::{DefaultHasher, Hash, Hasher};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::ast::Block;

pub fn expand(blocks: &[Block]) -> TokenStream {
    blocks.iter().map(block).collect()
}

/// The name of a macro that hands out these tokens. Exported macros share one namespace in a crate, blocks and networks
/// those of their modules.
pub fn hidden(what: &str, name: &Ident, tokens: &TokenStream) -> Ident {
    let mut hasher = DefaultHasher::new();
    tokens.to_string().hash(&mut hasher);
    format_ident!("__cnn_{what}_{name}_{:x}", hasher.finish())
}

fn block(block: &Block) -> TokenStream {
    let Block { attributes, visibility, name, parameters, layers, .. } = block;
    let tokens = quote!(block #name(#(#parameters),*) { #(#layers),* });
    let hidden = hidden("block", name, &tokens);
    quote! {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! #hidden {
            (@cnn $($network:tt)*) => { ::convnet::cnn! { #tokens $($network)* } };
        }
        #(#attributes)*
        #[allow(unused_imports)]
        #visibility use #hidden as #name;
    }
}
