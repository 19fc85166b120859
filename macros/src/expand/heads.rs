//! The output of a network with several: a struct with a field for each, `RNetOutput`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::ast::Head;
use crate::expand::{root, types};
use crate::model::Shape;

/// What the struct of the network `name` is called.
pub fn name(name: &Ident) -> Ident {
    format_ident!("{name}Output")
}

/// The struct; its fields lie in memory as the network writes them.
pub fn expand(head: &Head, heads: &[(Ident, Shape)]) -> TokenStream {
    // The constants of the expansion are not in scope here, so expressions stand as they were written.
    let types: Vec<TokenStream> = heads.iter().map(|(_, shape)| types::value(&shape.as_written())).collect();
    let names: Vec<&Ident> = heads.iter().map(|(name, _)| name).collect();
    declare(head, &names, &types)
}

/// The struct with fields of these types.
pub fn declare(head: &Head, names: &[&Ident], types: &[TokenStream]) -> TokenStream {
    let Head { visibility, name: network, .. } = head;
    let (root, output) = (root(), name(network));
    let doc = format!("What [`{network}`] gives: a field for each of its heads.");
    let docs = names.iter().map(|name| format!("The head `{name}`."));
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, PartialEq)]
        #[repr(C)]
        #visibility struct #output {
            #(
                #[doc = #docs]
                pub #names: #types,
            )*
        }
        #root::heads!([] #output; #(#names: #types;)*);
    }
}
