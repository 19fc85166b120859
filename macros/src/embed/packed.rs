//! Packed files: the file is whole, that is found here; that it is the network's, by a constant; and it goes into the program
//! as it is.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use convnet_shape::files::packed::{self, Kind, Packed};
use proc_macro2::TokenStream;
use quote::quote;

use super::{Embed, beside_source};
use crate::expand::{root, spanned_over};

/// The expansion, or what is wrong with the file.
pub fn expand(embed: &Embed, file: &[u8]) -> Result<TokenStream, String> {
    let name = embed.path.value();
    let found = packed::read(file).map_err(|unusable| unusable.say(&name).to_string())?;
    if embed.vectors && found.vectors.is_empty() {
        return Err(format!("`{name}` has no test vectors; pack it with some, or leave `vectors` out"));
    }
    let absolute = std::path::absolute(beside_source(&embed.path));
    let absolute = absolute.map_err(|error| format!("`{name}` has no absolute path: {error}"))?;
    let Some(absolute) = absolute.to_str() else {
        return Err(format!("`{name}` lies in a folder whose name is not UTF-8, which no assembler can be told"));
    };
    Ok(tokens(embed, &found, &absolute.replace('\\', "\\\\").replace('"', "\\\""), file.len()))
}

fn tokens(embed: &Embed, found: &Packed<'_>, absolute: &str, len: usize) -> TokenStream {
    let Embed { network, path, vectors } = embed;
    let (root, name, symbol) = (root(), path.value(), symbol(embed));
    let Packed { kind, fingerprint, network: packed_for, params, vectors: pairs } = found;
    let kind = match kind {
        Kind::Compact => quote!(#root::Kind::Compact),
        Kind::Full => quote!(#root::Kind::Full),
    };
    // In floats: parameters, then test vectors if they are asked for, in one piece of the file.
    let (begin, own) = (params.start, params.len() / 4);
    let (first, count) = ((pairs.start - begin) / 4, pairs.len() / 4);
    let all = if *vectors { first + count } else { own };
    let check = quote! {
        #root::require_packed::<#network>(#name, #packed_for, #kind, #fingerprint, #own, #count)
    };
    let check = spanned_over(check, &quote!(#path));
    let pairs = if *vectors { quote!(__cnn_floats.split_at(#first).1) } else { quote!(&[]) };
    let literal = proc_macro2::Literal::usize_unsuffixed;
    let (len, begin, all) = (literal(len), literal(begin), literal(all));
    quote!({
        const _: () = #check;
        let __cnn_floats: &'static [f32] = #root::embed_file!(#path, #absolute, #symbol, #len, #begin, #all);
        #root::embedded::<#network>(__cnn_floats.split_at(#own).0, #kind, #pairs)
    })
}

/// A name that no other expansion in the program has: where it stands, of which crate, and the how manieth it is there.
fn symbol(embed: &Embed) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let mut hasher = DefaultHasher::new();
    for variable in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_CRATE_NAME"] {
        std::env::var_os(variable).hash(&mut hasher);
    }
    let span = embed.path.span().unwrap();
    (beside_source(&embed.path), span.line(), span.column()).hash(&mut hasher);
    format!("__convnet_{:016x}_{}", hasher.finish(), COUNT.fetch_add(1, Ordering::Relaxed))
}
