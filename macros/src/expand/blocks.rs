//! Blocks for other declarations: each is a `macro_rules!` that hands its tokens to the `cnn!` which asks for it with
//! `use path::block;`, in this crate or in another, so that literal checks work inside it.

use std::hash::{DefaultHasher, Hash, Hasher};

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use crate::ast::Block;

pub fn expand(blocks: &[Block]) -> TokenStream {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> TokenStream {
    let Block { attributes, visibility, name, parameters, layers, .. } = block;
    let tokens = quote!(block #name(#(#parameters),*) { #(#layers),* });
    // Exported macros share one namespace in a crate, blocks those of their modules.
    let mut hasher = DefaultHasher::new();
    tokens.to_token_stream().to_string().hash(&mut hasher);
    let hidden = format_ident!("__cnn_block_{name}_{:x}", hasher.finish());
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
