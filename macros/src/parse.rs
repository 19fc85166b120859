//! Tokens to [`ast`](crate::ast): parsing only parses.
//!
//! A layer that cannot be read is reported and skipped up to the next comma, so that one slip does not hide others.

use proc_macro2::TokenTree;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Expr, Generics, Ident, Path, Result, Token, Visibility, braced, bracketed, parenthesized, token};

use crate::ast::{Anonymous, Argument, Arguments, Declaration, Item, Layer, Sizes};
use crate::report::Report;

/// Parses a declaration; `None` if not even its head can be read.
pub fn parse(tokens: proc_macro2::TokenStream, report: &mut Report) -> Option<Declaration> {
    let parser = |input: ParseStream<'_>| declaration(input, report);
    match parser.parse2(tokens) {
        Ok(declaration) => Some(declaration),
        Err(error) => {
            report.push(error);
            None
        }
    }
}

fn declaration(input: ParseStream<'_>, report: &mut Report) -> Result<Declaration> {
    if input.is_empty() {
        return Err(input.error("an empty declaration; write `pub struct Name: [C, H, W] -> [N] { layers }`"));
    }
    if input.peek(token::Bracket) {
        return anonymous(input, report).map(Declaration::Anonymous);
    }
    item(input, report).map(|item| Declaration::Item(Box::new(item)))
}

fn item(input: ParseStream<'_>, report: &mut Report) -> Result<Item> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    if !input.peek(Token![struct]) {
        return Err(input.error("expected `struct Name: [C, H, W] -> [N] { layers }`, or `[C, H, W] -> layers` in the place of a type"));
    }
    input.parse::<Token![struct]>()?;
    let name: Ident = input.parse()?;
    let generics: Generics = input.parse()?;
    if !input.peek(Token![:]) {
        return Err(input.error(format!("expected the input of `{name}`: `{name}: [C, H, W] -> [N]`")));
    }
    input.parse::<Token![:]>()?;
    let network_input = sizes(input, "the input")?;
    if !input.peek(Token![->]) {
        return Err(input.error(format!("expected the output of `{name}`: `-> [N]`")));
    }
    input.parse::<Token![->]>()?;
    let output = sizes(input, "the output")?;
    let options = options(input)?;
    if !input.peek(token::Brace) {
        return Err(input.error("expected the layers in braces: `{ conv2d(6, kernel = 5), relu, … }`"));
    }
    let content;
    let body = braced!(content in input);
    let layers = layers(&content, report);
    if !input.is_empty() {
        report.push(input.error("expected nothing behind the layers; each network has a `cnn!` of its own"));
        input.step(|cursor| Ok(((), skip_all(*cursor))))?;
    }
    Ok(Item { attributes, visibility, name, generics, input: network_input, output, options, body, layers })
}

fn anonymous(input: ParseStream<'_>, report: &mut Report) -> Result<Anonymous> {
    let network_input = sizes(input, "the input")?;
    let options = options(input)?;
    if !input.peek(Token![->]) {
        return Err(input.error("expected `->` and the layers: `[C, H, W] -> conv2d(6, kernel = 5), relu`"));
    }
    input.parse::<Token![->]>()?;
    let layers = layers(input, report);
    Ok(Anonymous { input: network_input, options, layers })
}

fn sizes(input: ParseStream<'_>, what: &str) -> Result<Sizes> {
    if !input.peek(token::Bracket) {
        return Err(input.error(format!("expected the sizes of {what} in brackets, `[C, H, W]` or `[N]`")));
    }
    let content;
    let bracket = bracketed!(content in input);
    let sizes = content.parse_terminated(Expr::parse, Token![,])?.into_iter().collect();
    Ok(Sizes { bracket, sizes })
}

/// `with strict`.
fn options(input: ParseStream<'_>) -> Result<Vec<Ident>> {
    let mut options = Vec::new();
    if input.peek(Ident) && input.fork().parse::<Ident>()? == "with" {
        input.parse::<Ident>()?;
        options.push(input.parse()?);
        while input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            options.push(input.parse()?);
        }
    }
    Ok(options)
}

fn layers(input: ParseStream<'_>, report: &mut Report) -> Vec<Layer> {
    let mut layers = Vec::new();
    while !input.is_empty() {
        match input.parse::<Layer>().and_then(|layer| end_of_layer(input, layer)) {
            Ok(layer) => layers.push(layer),
            Err(error) => {
                report.push(error);
                skip_to_next(input);
            }
        }
    }
    layers
}

/// A comma or the end of the list.
fn end_of_layer(input: ParseStream<'_>, layer: Layer) -> Result<Layer> {
    if input.is_empty() {
        return Ok(layer);
    }
    if !input.peek(Token![,]) {
        return Err(input.error("expected `,` between layers"));
    }
    input.parse::<Token![,]>()?;
    Ok(layer)
}

fn skip_to_next(input: ParseStream<'_>) {
    while !input.is_empty() {
        match input.parse::<TokenTree>() {
            Ok(TokenTree::Punct(punct)) if punct.as_char() == ',' => return,
            _ => {}
        }
    }
}

fn skip_all(mut cursor: syn::buffer::Cursor<'_>) -> syn::buffer::Cursor<'_> {
    while let Some((_, next)) = cursor.token_tree() {
        cursor = next;
    }
    cursor
}

impl Parse for Layer {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Token![,]) {
            return Err(input.error("expected a layer before this `,`"));
        }
        let name = if input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            let name = input.parse()?;
            input.parse::<Token![:]>()?;
            Some(name)
        } else {
            None
        };
        if !input.peek(Ident) && !input.peek(Token![::]) {
            return Err(input.error("expected a layer, such as `conv2d(6, kernel = 5)` or `relu`"));
        }
        let keyword: Path = input.parse()?;
        let arguments = if input.peek(token::Paren) { Some(input.parse()?) } else { None };
        let assertion = if input.peek(Token![=>]) {
            input.parse::<Token![=>]>()?;
            Some(sizes(input, "this layer's output")?)
        } else {
            None
        };
        Ok(Self { name, keyword, arguments, assertion })
    }
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let content;
        let paren = parenthesized!(content in input);
        let list = content.parse_terminated(Argument::parse, Token![,])?.into_iter().collect();
        Ok(Self { paren, list })
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            let field: Ident = input.parse()?;
            return Err(input.error(format!("expected `=` behind `{field}`: fields are written `{field} = …`")));
        }
        if !(input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==])) {
            return Ok(Self { field: None, equals: None, value: input.parse()? });
        }
        let (field, equals): (Ident, _) = (input.parse()?, Some(input.parse()?));
        if input.is_empty() || input.peek(Token![,]) {
            return Err(input.error(format!("expected a value for `{field}`")));
        }
        Ok(Self { field: Some(field), equals, value: input.parse()? })
    }
}
