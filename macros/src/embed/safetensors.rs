//! Safetensors files: the header as a table that rustc holds against the network, the values copied by constants.

use convnet_shape::files::safetensors::{self, Entry};
use convnet_shape::tensors::{TEST_INPUT, TEST_OUTPUT, is_left_out};
use proc_macro2::TokenStream;
use quote::quote;

use super::Embed;
use crate::expand::{root, spanned_over};

/// Bytes of the largest file that is packed while the program is compiled: rustc's interpreter takes about a second for each
/// megabyte, and beyond this it would warn that a constant takes long.
const LARGEST: usize = 8 << 20;

/// The expansion, or what is wrong with the file.
pub fn expand(embed: &Embed, file: &[u8]) -> Result<TokenStream, String> {
    let name = embed.path.value();
    let entries = safetensors::read(file).map_err(|wrong| format!("`{name}` is not a safetensors file: {wrong}"))?;
    if file.len() > LARGEST {
        let mib = file.len() as f64 / f64::from(1 << 20);
        let way = "pack it once, `net.pack_to(\"….convnet\")`, and embed that file";
        return Err(format!("`{name}` has {mib:.1} MiB, and rustc packs files up to 8 MiB; {way}"));
    }
    let vector = |wanted: &str| {
        let found = entries.iter().find(|entry| entry.name == wanted);
        found.ok_or_else(|| format!("`{name}` has no test vectors: there is no tensor `{wanted}`"))
    };
    let vectors = match embed.vectors {
        true => Some([vector(TEST_INPUT)?, vector(TEST_OUTPUT)?]),
        false => None,
    };
    let found: Vec<&Entry> = entries.iter().filter(|entry| !is_left_out(&entry.name)).collect();
    Ok(tokens(embed, &found, vectors))
}

fn tokens(embed: &Embed, found: &[&Entry], vectors: Option<[&Entry; 2]>) -> TokenStream {
    let Embed { network, path, .. } = embed;
    let (root, name) = (root(), path.value());
    let found = found.iter().map(|entry| table_row(entry));
    let architecture = quote!(<#network as ::convnet::Network>::ARCHITECTURE);
    let check = quote!(#root::tensors::require(#name, #architecture.name, #architecture.tensors, __CNN_FOUND));
    let check = spanned_over(check, &quote!(#path));
    let (vectors, own) = match vectors {
        Some(vectors) => (self::vectors(embed, vectors), quote!(&__CNN_VECTORS)),
        None => (quote!(), quote!(&[])),
    };
    quote!({
        // Also what makes a change of the file a reason to compile again.
        const __CNN_FILE: &[u8] = ::core::include_bytes!(#path);
        const __CNN_FOUND: &[#root::Found<'static>] = &[#(#found),*];
        const _: () = #check;
        #[allow(long_running_const_eval)]
        const __CNN_CANONICAL: &[f32; #architecture.sizes.params] =
            &#root::canonical_array(__CNN_FILE, #architecture.tensors, __CNN_FOUND);
        #[allow(long_running_const_eval)]
        static __CNN_PACKED: #root::Aligned<{ #architecture.compact_packed }> =
            #root::Aligned(#root::packed_array(#architecture, __CNN_CANONICAL));
        #vectors
        #root::embedded::<#network>(&__CNN_PACKED.0, #root::Kind::Compact, #own)
    })
}

/// The test vectors, each input with its output behind it.
fn vectors(embed: &Embed, [input, output]: [&Entry; 2]) -> TokenStream {
    let Embed { network, path, .. } = embed;
    let (root, name) = (root(), path.value());
    let (input, output) = (table_row(input), table_row(output));
    let check = quote!(#root::require_vectors::<#network>(#name, __CNN_PAIRS));
    let check = spanned_over(check, &quote!(#path));
    quote! {
        const __CNN_PAIRS: &[#root::Found<'static>; 2] = &[#input, #output];
        const _: () = #check;
        #[allow(long_running_const_eval)]
        static __CNN_VECTORS: [f32; #root::vectors_len::<#network>(__CNN_PAIRS)] =
            #root::vectors_array::<#network, _>(__CNN_FILE, __CNN_PAIRS);
    }
}

fn table_row(entry: &Entry) -> TokenStream {
    let (root, Entry { name, dtype, shape, begin, .. }) = (root(), entry);
    quote!(#root::Found { name: #name, dtype: #dtype, shape: &[#(#shape),*], offset: #begin })
}
