//! `embed!`: a network and a file of weights to packed parameters in the program.
//!
//! The macro reads the file and says what is wrong with it as a file; that it is the network's is found by `convnet_shape`
//! and the library while rustc evaluates constants.

mod packed;
mod safetensors;

use std::io::ErrorKind;
use std::path::PathBuf;

use convnet_shape::files;
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitStr, Result, Token, Type};

use crate::expand::root;
use crate::parse::behind;
use crate::report::Report;

/// `LeNet5, "lenet5.safetensors", vectors`.
struct Embed {
    network: Type,
    path: LitStr,
    /// Whether the test vectors of the file are embedded too.
    vectors: bool,
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
        let comma = input.parse::<Option<Token![,]>>()?.is_some();
        let vectors = comma && !input.is_empty();
        if vectors && input.fork().parse::<Ident>().ok().is_none_or(|word| word != "vectors") {
            return Err(input.error("expected nothing behind the path, or `vectors` to embed the file's test vectors"));
        }
        if vectors {
            input.parse::<Ident>()?;
        }
        input.parse::<Option<Token![,]>>()?;
        if !input.is_empty() {
            return Err(input.error("expected nothing more"));
        }
        Ok(Self { network, path, vectors })
    }
}

/// `embed!(Network, "file")`.
pub fn embed(tokens: TokenStream) -> TokenStream {
    let embed: Embed = match syn::parse2(tokens) {
        Ok(embed) => embed,
        Err(error) => return error.into_compile_error(),
    };
    read(&embed.path).and_then(|file| expand(&embed, &file)).unwrap_or_else(|sentence| {
        let mut report = Report::default();
        report.at(&embed.path, sentence);
        placeholder(&embed, &report.into_compile_errors())
    })
}

/// The bytes of the file.
fn read(path: &LitStr) -> std::result::Result<Vec<u8>, String> {
    let name = path.value();
    std::fs::read(beside_source(path)).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            format!("`{name}` does not exist; the path is relative to the source file that it stands in")
        }
        ErrorKind::IsADirectory => format!("`{name}` is a folder, and the weights are read from a file"),
        _ => format!("cannot read `{name}`: {error}"),
    })
}

/// A file is of the format that it begins as.
fn expand(embed: &Embed, file: &[u8]) -> std::result::Result<TokenStream, String> {
    if files::packed::is_packed(file) { packed::expand(embed, file) } else { safetensors::expand(embed, file) }
}

/// As `include_bytes!` has it: relative to the source file.
fn beside_source(path: &LitStr) -> PathBuf {
    let source = path.span().unwrap().local_file().unwrap_or_default();
    source.parent().map(|folder| folder.join(path.value())).unwrap_or_else(|| path.value().into())
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
