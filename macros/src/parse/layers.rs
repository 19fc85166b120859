//! Layers: their names, their fields, and what stands in braces.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Expr, Ident, LitStr, Path, Result, Token};
use syn::{braced, parenthesized, token};

use super::{behind, expected, separated, sizes};
use crate::ast::{Argument, Arguments, Call, Group, Join, Layer, Part, Repeat};
use crate::report::Report;

/// Layers up to the end of the input.
pub fn layers(input: ParseStream<'_>, report: &mut Report) -> Vec<Layer> {
    let mut layers = Vec::new();
    while !input.is_empty() {
        let mut layer = Layer { name: None, file_name: None, part: None, assertion: None };
        let read = layer_into(input, &mut layer, report).and_then(|()| end_of_layer(input, &mut layer, report));
        if let Err(error) = read {
            report.push(error);
            layer.part = None;
            skip_to_next(input);
        }
        layers.push(layer);
    }
    layers
}

/// Reads a layer as far as it goes, so that its name is known if the rest cannot be read.
fn layer_into(input: ParseStream<'_>, layer: &mut Layer, report: &mut Report) -> Result<()> {
    for attribute in input.call(Attribute::parse_outer)? {
        report.at(attribute, "attributes and doc comments belong on the network; write a remark on a layer as `// …`");
    }
    if input.peek(Token![,]) {
        return Err(input.error("expected a layer before this `,`"));
    }
    names(input, layer, report)?;
    layer.part = Some(part(input, report)?);
    if input.peek(Token![=>]) {
        input.parse::<Token![=>]>()?;
        layer.assertion = Some(sizes(input, "this layer's output", report)?);
    }
    Ok(())
}

/// `conv1:`, `"features.0":` or `conv1 as "features.0":`.
fn names(input: ParseStream<'_>, layer: &mut Layer, report: &mut Report) -> Result<()> {
    let ends_here = |input: ParseStream<'_>| input.peek2(Token![:]) && !input.peek2(Token![::]);
    if input.peek(LitStr) {
        layer.file_name = Some(input.parse()?);
    } else if input.peek(Ident::peek_any) && input.peek2(Token![as]) {
        layer.name = Some(name(input, report)?);
        let word = input.parse::<Token![as]>()?;
        if !input.peek(LitStr) {
            let sentence =
                "expected a name in quotes behind `as`, the one in files of weights: `conv1 as \"features.0\": …`";
            return Err(behind(input, word, sentence));
        }
        layer.file_name = Some(input.parse()?);
    } else if input.peek(Ident::peek_any) && ends_here(input) {
        layer.name = Some(name(input, report)?);
    } else {
        return Ok(());
    }
    if !input.peek(Token![:]) || input.peek(Token![::]) {
        let before = layer.file_name.as_ref().map(ToTokens::to_token_stream);
        return Err(behind(
            input,
            before,
            "expected `:` and a layer behind its name in files: `\"features.0\": conv2d(6, kernel = 5)`",
        ));
    }
    input.parse::<Token![:]>()?;
    Ok(())
}

/// A layer, or several: in braces, side by side, or repeated.
fn part(input: ParseStream<'_>, report: &mut Report) -> Result<Part> {
    let content;
    if input.peek(token::Brace) {
        let brace = braced!(content in input);
        return Ok(Part::Group(Group { brace, layers: layers(&content, report) }));
    }
    if input.peek(Ident) && input.peek2(token::Brace) && joins(input)? {
        let keyword: Ident = input.parse()?;
        let brace = braced!(content in input);
        return Ok(Part::Join(Join { keyword, brace, paths: layers(&content, report) }));
    }
    if input.peek(Ident) && !input.peek2(token::Paren) && input.fork().parse::<Ident>()? == "repeat" {
        let keyword: Ident = input.parse()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(Error::new_spanned(
                keyword,
                "expected how often, and layers in braces: `repeat 3 { conv2d(8, kernel = 3, padding = same), relu }`",
            ));
        }
        let count = Expr::parse_without_eager_brace(input)?;
        if !input.peek(token::Brace) {
            return Err(behind(input, &count, "expected the layers to repeat in braces: `repeat 3 { … }`"));
        }
        let brace = braced!(content in input);
        return Ok(Part::Repeat(Repeat { keyword, count, brace, layers: layers(&content, report) }));
    }
    if input.peek(Ident) && input.peek2(token::Paren) && input.fork().parse::<Ident>()? == "heads" {
        let keyword: Ident = input.parse()?;
        return Err(Error::new_spanned(
            keyword,
            "the paths of `heads` stand in braces: `heads { name: path, name: path }`",
        ));
    }
    let path = input.peek(Token![self]) || input.peek(Token![super]) || input.peek(Token![crate]);
    if !(input.peek(Ident) || input.peek(Token![::]) || path && input.peek2(Token![::])) {
        return Err(expected(input, "expected a layer, such as `conv2d(6, kernel = 5)` or `relu`"));
    }
    Ok(Part::Call(input.parse()?))
}

/// Whether the word before braces is one that joins paths.
fn joins(input: ParseStream<'_>) -> Result<bool> {
    let word: Ident = input.fork().parse()?;
    if word == "concat" || word == "add" || word == "heads" {
        return Ok(true);
    }
    match crate::message::unknown_join(&word.to_string()) {
        Some(sentence) if word != "repeat" => Err(Error::new_spanned(word, sentence)),
        _ => Ok(false),
    }
}

fn name(input: ParseStream<'_>, report: &mut Report) -> Result<Ident> {
    if input.peek(Ident) {
        return input.parse();
    }
    let word = Ident::parse_any(input)?;
    report.at(&word, format!("`{word}` is a word of Rust; a name becomes a method, so choose another"));
    Ok(quote::format_ident!("{word}_"))
}

/// A comma or the end of the list; what stands there instead is read as if it were a comma where that is clear.
fn end_of_layer(input: ParseStream<'_>, layer: &mut Layer, report: &mut Report) -> Result<()> {
    if input.is_empty() {
        return Ok(());
    }
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
    } else if input.peek(Token![;]) || input.peek(Token![->]) {
        let found = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?.to_token_stream()
        } else {
            input.parse::<Token![->]>()?.to_token_stream()
        };
        report.at(&found, format!("expected `,` between layers, found `{found}`"));
    } else if input.peek(Ident) {
        let next = input.fork().parse::<Ident>()?;
        let sentence = match layer.lone_word() {
            Some(word) => format!("expected `,` between `{word}` and `{next}`, or `:` if `{word}` is a name"),
            None => format!("expected `,` before `{next}`"),
        };
        report.at(next, sentence);
        if let Some(word) = layer.lone_word().cloned() {
            // A name or a layer: nothing is known about either.
            *layer = Layer { name: Some(word), file_name: None, part: None, assertion: None };
        }
    } else {
        return Err(input.error("expected `,` between layers"));
    }
    Ok(())
}

impl Layer {
    /// The layer, if it is nothing but one word.
    fn lone_word(&self) -> Option<&Ident> {
        match self {
            Self { name: None, part: Some(Part::Call(Call { keyword, arguments: None })), assertion: None, .. } => {
                keyword.get_ident()
            }
            _ => None,
        }
    }
}

fn skip_to_next(input: ParseStream<'_>) {
    while !input.is_empty() {
        match input.parse::<TokenTree>() {
            Ok(TokenTree::Punct(punct)) if punct.as_char() == ',' => return,
            _ => {}
        }
    }
}

impl Parse for Call {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let keyword: Path = input.parse()?;
        if input.peek(token::Bracket) || input.peek(token::Brace) {
            let group: TokenTree = input.parse()?;
            let sentence = format!("the fields of a layer stand in parentheses: `{}(…)`", keyword.to_token_stream());
            return Err(Error::new_spanned(group, sentence));
        }
        let arguments = if input.peek(token::Paren) { Some(input.parse()?) } else { None };
        Ok(Self { keyword, arguments })
    }
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let content;
        let paren = parenthesized!(content in input);
        Ok(Self { paren, list: separated(&content, Argument::parse, "fields")? })
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Token![,]) {
            return Err(input.error("expected a field before this `,`"));
        }
        if input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            let field: Ident = input.parse()?;
            return Err(input.error(format!("expected `=` behind `{field}`: fields are written `{field} = …`")));
        }
        let value_follows = (input.peek2(syn::Lit) && !input.peek2(Token![-])) || input.peek2(Ident);
        if input.peek(Ident) && value_follows {
            let field: Ident = input.parse()?;
            return Err(input.error(format!("expected `=` between `{field}` and its value")));
        }
        if !(input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==])) {
            return Ok(Self { field: None, equals: None, value: input.parse()? });
        }
        let (field, equals): (Ident, Token![=]) = (input.parse()?, input.parse()?);
        if input.is_empty() || input.peek(Token![,]) {
            let sentence = format!("expected a value behind `{field} =`");
            return Err(Error::new_spanned(quote::quote!(#field #equals), sentence));
        }
        Ok(Self { field: Some(field), equals: Some(equals), value: input.parse()? })
    }
}
