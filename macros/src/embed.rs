//! `embed!`: a network and a weights file to packed parameters in the program.
//!
//! The macro reads the header of the file and lists its tensors, sorted by name; that they are the network's, and
//! where each value goes, is found by `convnet_shape` and the library while rustc evaluates constants.

use std::io::ErrorKind;
use std::path::PathBuf;

use convnet_shape::files::safetensors::{self, Entry};
use convnet_shape::tensors::counts_batches;
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Error, LitStr, Result, Token, Type};

use crate::expand::{root, spanned_over};
use crate::parse::behind;
use crate::report::Report;

/// `LeNet5, "lenet5.safetensors"`.
struct Embed {
    network: Type,
    path: LitStr,
}

impl Parse for Embed {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.is_empty() {
            let sentence = "expected a network and a weights file: `embed!(LeNet5, \"lenet5.safetensors\")`";
            return Err(Error::new(input.span(), sentence));
        }
        let network: Type = input.parse()?;
        if !input.peek(Token![,]) {
            let sentence =
                "expected `,` and a weights file behind the network: `embed!(LeNet5, \"lenet5.safetensors\")`";
            return Err(behind(input, &network, sentence));
        }
        input.parse::<Token![,]>()?;
        if !input.peek(LitStr) {
            let sentence = "expected the path of a weights file in quotes, relative to this source file";
            return Err(behind(input, &network, sentence));
        }
        let path = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        if !input.is_empty() {
            return Err(input.error("expected nothing behind the path"));
        }
        Ok(Self { network, path })
    }
}

/// `embed!(Network, "file")`.
pub fn embed(tokens: TokenStream) -> TokenStream {
    let embed: Embed = match syn::parse2(tokens) {
        Ok(embed) => embed,
        Err(error) => return error.into_compile_error(),
    };
    let mut report = Report::default();
    let found = read(&embed.path).map_err(|sentence| report.at(&embed.path, sentence));
    let errors = report.into_compile_errors();
    match found {
        Ok(found) => expand(&embed, &found),
        Err(()) => placeholder(&embed, &errors),
    }
}

/// The tensors of the file, sorted by name, or what is wrong with it.
fn read(path: &LitStr) -> std::result::Result<Vec<Entry>, String> {
    let name = path.value();
    let file = std::fs::read(beside_source(path)).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            format!("`{name}` does not exist; the path is relative to the source file that it stands in")
        }
        ErrorKind::IsADirectory => format!("`{name}` is a folder, and the weights are read from a file"),
        _ => format!("cannot read `{name}`: {error}"),
    })?;
    let mut entries =
        safetensors::read(&file).map_err(|wrong| format!("`{name}` is not a safetensors file: {wrong}"))?;
    entries.retain(|entry| !counts_batches(&entry.name));
    Ok(entries)
}

/// As `include_bytes!` has it: relative to the source file.
fn beside_source(path: &LitStr) -> PathBuf {
    let source = path.span().unwrap().local_file().unwrap_or_default();
    source.parent().map(|folder| folder.join(path.value())).unwrap_or_else(|| path.value().into())
}

fn expand(embed: &Embed, found: &[Entry]) -> TokenStream {
    let Embed { network, path } = embed;
    let (root, file) = (root(), path.value());
    let found = found.iter().map(|Entry { name, dtype, shape, begin, .. }| {
        quote!(#root::Found { name: #name, dtype: #dtype, shape: &[#(#shape),*], offset: #begin })
    });
    let architecture = quote!(<#network as ::convnet::Network>::ARCHITECTURE);
    let check = quote!(#root::tensors::require(#file, #architecture.name, #architecture.tensors, __CNN_FOUND));
    let check = spanned_over(check, &quote!(#path));
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
        ::convnet::Prepared::<#network>::from_packed(#root::Params::Static(&__CNN_PACKED.0))
    })
}

/// A value of the right type beside an error about the file.
fn placeholder(embed: &Embed, errors: &TokenStream) -> TokenStream {
    let (root, network) = (root(), &embed.network);
    quote!({
        #errors
        ::convnet::Prepared::<#network>::from_packed(#root::Params::Static(
            &[0.0; <#network as ::convnet::Network>::ARCHITECTURE.compact_packed],
        ))
    })
}
