//! `embed!`: a network and a weights file to packed parameters in the program.
//!
//! The macro reads the header of the file and lists its tensors, sorted by name; that they are the network's, and
//! where each value goes, is found by `convnet_shape` and the library while rustc evaluates constants.

use std::path::PathBuf;

use convnet_shape::tensors::{Malformed, counts_batches};
use proc_macro2::TokenStream;
use quote::quote;
use safetensors::tensor::{SafeTensorError, SafeTensors};
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

/// A tensor in the file.
struct Found {
    name: String,
    dtype: String,
    shape: Vec<usize>,
    offset: usize,
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
    let found = read(&embed.path).unwrap_or_else(|sentence| {
        report.at(&embed.path, sentence);
        None
    });
    let errors = report.into_compile_errors();
    match found {
        Some(found) => expand(&embed, &found),
        None => placeholder(&embed, &errors),
    }
}

/// The tensors of the file, sorted by name, or what is wrong with it.
fn read(path: &LitStr) -> std::result::Result<Option<Vec<Found>>, String> {
    let name = path.value();
    let file = std::fs::read(beside_source(path)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            format!("`{name}` does not exist; the path is relative to the source file that it stands in")
        }
        _ => format!("cannot read `{name}`: {error}"),
    })?;
    let malformed = |error: SafeTensorError| malformed(&error).say(&name, &file, file.len()).to_string();
    let (header, metadata) = SafeTensors::read_metadata(&file).map_err(malformed)?;
    let mut found: Vec<Found> = metadata
        .tensors()
        .into_iter()
        .filter(|(name, _)| !counts_batches(name))
        .map(|(name, info)| Found {
            name,
            dtype: format!("{:?}", info.dtype),
            shape: info.shape.clone(),
            offset: size_of::<u64>() + header + info.data_offsets.0,
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Some(found))
}

/// As `include_bytes!` has it: relative to the source file.
fn beside_source(path: &LitStr) -> PathBuf {
    let source = path.span().unwrap().local_file().unwrap_or_default();
    source.parent().map(|folder| folder.join(path.value())).unwrap_or_else(|| path.value().into())
}

/// What the library's error means for the file.
fn malformed(error: &SafeTensorError) -> Malformed {
    match error {
        SafeTensorError::HeaderTooSmall => Malformed::TooShort,
        SafeTensorError::InvalidHeaderLength | SafeTensorError::HeaderTooLarge => Malformed::HeaderLength,
        SafeTensorError::MetadataIncompleteBuffer => Malformed::Values,
        SafeTensorError::InvalidHeader(_) | SafeTensorError::InvalidHeaderDeserialization(_) => Malformed::Header,
        _ => Malformed::Offsets,
    }
}

fn expand(embed: &Embed, found: &[Found]) -> TokenStream {
    let Embed { network, path } = embed;
    let (root, file) = (root(), path.value());
    let found = found.iter().map(|Found { name, dtype, shape, offset }| {
        quote!(#root::Found { name: #name, dtype: #dtype, shape: &[#(#shape),*], offset: #offset })
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
