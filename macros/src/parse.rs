//! Tokens to [`ast`](crate::ast): parsing only parses.
//!
//! What is missing or of another spelling is reported and read as if it were right where that is beyond doubt; a
//! layer that cannot be read is reported and skipped up to the next comma. One slip does not hide others.

mod layers;
mod options;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, Expr, Generics, Ident, Path, Result, Token, Visibility};
use syn::{braced, bracketed, parenthesized, token};

use crate::ast::{Anonymous, Block, Declaration, Head, Instance, Item, Layer, Network, Output, Setting, Sizes};
use crate::report::Report;
use layers::layers;
use options::options;

/// Parses a declaration; `None` if not even its name can be read.
pub fn parse(tokens: TokenStream, report: &mut Report) -> Option<Network> {
    let mut read = None;
    let parser = |input: ParseStream<'_>| {
        let blocks = blocks(input, report)?;
        let declaration = match blocks.is_empty() || !input.is_empty() {
            true => declaration(input, report)?,
            false => Declaration::Blocks,
        };
        read = Some(Network { blocks, declaration });
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens)
        && report.is_empty()
    {
        // After another mistake this is syn's word on what was skipped.
        report.push(error);
    }
    read
}

/// Whether this is `type Big = Backbone[224, 224]`.
pub fn is_instance(tokens: &TokenStream) -> bool {
    let parser = |input: ParseStream<'_>| {
        let head = input.call(Attribute::parse_outer).and_then(|_| input.parse::<Visibility>());
        let is_type = head.is_ok() && input.peek(Token![type]);
        input.parse::<TokenStream>()?;
        Ok(is_type)
    };
    parser.parse2(tokens.clone()).unwrap_or(false)
}

/// `type Big = Backbone[224, 224]`, perhaps with `;` behind.
pub fn instance(input: ParseStream<'_>) -> Result<Instance> {
    const FORM: &str = "`type Big = Backbone[224, 224]`";
    let (attributes, visibility) = (input.call(Attribute::parse_outer)?, input.parse()?);
    let word = input.parse::<Token![type]>()?;
    if !input.peek(Ident) {
        return Err(behind(input, word, format!("expected a name behind `type`: {FORM}")));
    }
    let name: Ident = input.parse()?;
    if !input.peek(Token![=]) {
        return Err(behind(input, &name, format!("expected `=` and a network over a generic input size: {FORM}")));
    }
    let equals = input.parse::<Token![=]>()?;
    if !input.peek(Ident) && !input.peek(Token![::]) && !input.peek(Token![crate]) && !input.peek(Token![self]) {
        return Err(behind(input, equals, format!("expected a network over a generic input size behind `=`: {FORM}")));
    }
    let network = input.call(Path::parse_mod_style)?;
    if !input.peek(token::Bracket) {
        let shown = network.to_token_stream().to_string().replace(' ', "");
        let sentence = format!("expected the sizes in brackets: `type {name} = {shown}[224, 224]`");
        return Err(behind(input, &network, sentence));
    }
    let content;
    let bracket = bracketed!(content in input);
    let sizes = Sizes { bracket, sizes: separated(&content, Expr::parse, "sizes")? };
    input.parse::<Option<Token![;]>>()?;
    if !input.is_empty() {
        return Err(input.error("expected nothing behind the sizes; each network has a `cnn!` of its own"));
    }
    Ok(Instance { attributes, visibility, name, network, sizes })
}

/// The first `use path::block;` of a declaration, and the declaration without it.
pub fn import(tokens: &TokenStream) -> Result<Option<(Path, TokenStream)>> {
    let parser = |input: ParseStream<'_>| {
        let mut before = TokenStream::new();
        while begins_with_block(input) {
            // Up to its braces.
            loop {
                let token: TokenTree = input.parse()?;
                let ends = matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
                before.extend([token]);
                if ends || input.is_empty() {
                    break;
                }
            }
        }
        if !input.peek(Token![use]) {
            input.parse::<TokenStream>()?;
            return Ok(None);
        }
        input.parse::<Token![use]>()?;
        let path = input.call(Path::parse_mod_style)?;
        if !input.peek(Token![;]) {
            return Err(Error::new_spanned(path, "expected `;` behind the path of one block: `use path::block;`"));
        }
        input.parse::<Token![;]>()?;
        before.extend(input.parse::<TokenStream>()?);
        Ok(Some((path, before)))
    };
    parser.parse2(tokens.clone())
}

/// The blocks before a network.
fn blocks(input: ParseStream<'_>, report: &mut Report) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    while begins_with_block(input) {
        blocks.push(block(input, report)?);
    }
    Ok(blocks)
}

fn begins_with_block(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let head = ahead.call(Attribute::parse_outer).and_then(|_| ahead.parse::<Visibility>());
    head.is_ok() && ahead.peek2(Ident) && ahead.parse::<Ident>().is_ok_and(|word| word == "block")
}

/// `block inception(c1, r3, c3) { layers }`.
fn block(input: ParseStream<'_>, report: &mut Report) -> Result<Block> {
    let (attributes, visibility) = (input.call(Attribute::parse_outer)?, input.parse()?);
    input.parse::<Ident>()?;
    let name: Ident = input.parse()?;
    let parameters = if input.peek(token::Paren) {
        let content;
        parenthesized!(content in input);
        separated(&content, parameter, "parameters")?
    } else {
        Vec::new()
    };
    if !input.peek(token::Brace) {
        let sentence = format!(
            "expected the layers of `{name}` in braces: `block {name}(channels) {{ conv2d(channels, kernel = 3), relu }}`"
        );
        return Err(behind(input, &name, sentence));
    }
    let content;
    braced!(content in input);
    Ok(Block { attributes, visibility, name, parameters, layers: layers(&content, report) })
}

fn parameter(input: ParseStream<'_>) -> Result<Ident> {
    if input.peek(Ident)
        && (input.peek2(Token![,]) || {
            let ahead = input.fork();
            ahead.parse::<Ident>().is_ok() && ahead.is_empty()
        })
    {
        return input.parse();
    }
    Err(input.error("a parameter of a block is a name without a type: `block double(channels) { … }`"))
}

fn declaration(input: ParseStream<'_>, report: &mut Report) -> Result<Declaration> {
    if input.is_empty() {
        return Err(Error::new(
            input.span(),
            "an empty declaration; write `pub struct Name: [C, H, W] -> [N] { layers }`",
        ));
    }
    if input.peek(token::Bracket) {
        return match anonymous(input, report) {
            Ok(network) => Ok(Declaration::Anonymous(network)),
            Err(error) => {
                report.push(error);
                skip_all(input)?;
                Ok(Declaration::UnreadAnonymous)
            }
        };
    }
    let head = head(input, report)?;
    match item(input, &head.name, report) {
        Ok((generics, network_input, output, options, body, layers)) => {
            let item = Item { head, generics, input: network_input, output, options, body, layers };
            Ok(Declaration::Item(Box::new(item)))
        }
        Err(error) => {
            report.push(error);
            skip_all(input)?;
            Ok(Declaration::UnreadItem(head))
        }
    }
}

/// `pub struct Name`.
fn head(input: ParseStream<'_>, report: &mut Report) -> Result<Head> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    if input.peek(Token![struct]) {
        input.parse::<Token![struct]>()?;
    } else if input.peek(Ident) && !input.peek2(Ident) {
        report.push(input.error("expected `struct` before the name of the network"));
    } else if input.peek(Ident::peek_any) && input.peek2(Ident) {
        let found = Ident::parse_any(input)?;
        report.at(&found, format!("a network is declared as a `struct`, found `{found}`"));
    } else {
        return Err(expected(
            input,
            "expected `struct Name: [C, H, W] -> [N] { layers }`, or `[C, H, W] -> layers` in the place of a type",
        ));
    }
    if !input.peek(Ident) {
        return Err(expected(input, "expected the name of the network behind `struct`"));
    }
    Ok(Head { attributes, visibility, name: input.parse()? })
}

type Rest = (Generics, Sizes, Output, Vec<Setting>, token::Brace, Vec<Layer>);

/// What follows the name.
fn item(input: ParseStream<'_>, name: &Ident, report: &mut Report) -> Result<Rest> {
    let mut generics: Generics = input.parse()?;
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
    } else if input.peek(token::Bracket) || input.peek(token::Paren) {
        report.push(input.error(format!("expected `:` between `{name}` and its input")));
    } else {
        return Err(behind(input, name, format!("expected the input of `{name}`: `{name}: [C, H, W] -> [N]`")));
    }
    let network_input = sizes(input, "the input", report)?;
    arrow_to_output(input, name, &network_input, report)?;
    let output = output(input, report)?;
    let options = options(input, report)?;
    generics.where_clause = input.parse()?;
    if !input.peek(token::Brace) {
        return Err(behind(input, &output, "expected the layers in braces: `{ conv2d(6, kernel = 5), relu, … }`"));
    }
    let content;
    let body = braced!(content in input);
    let layers = layers(&content, report);
    if !input.is_empty() {
        report.push(input.error("expected nothing behind the layers; each network has a `cnn!` of its own"));
        skip_all(input)?;
    }
    Ok((generics, network_input, output, options, body, layers))
}

/// The `->` between input and output; another arrow, or none, is read as if it were that.
fn arrow_to_output(input: ParseStream<'_>, name: &Ident, before: &Sizes, report: &mut Report) -> Result<()> {
    if input.peek(Token![->]) {
        input.parse::<Token![->]>()?;
    } else if input.peek(Token![=>]) {
        let arrow = input.parse::<Token![=>]>()?;
        report.at(arrow, "expected `->` between the input and the output, found `=>`");
    } else if input.peek(token::Bracket) || input.peek(token::Paren) {
        report.push(input.error("expected `->` between the input and the output"));
    } else {
        return Err(behind(input, before, format!("expected the output of `{name}` behind its input: `-> [N]`")));
    }
    Ok(())
}

/// `[10]`, or `{ face: [2], boxes: [4] }`.
fn output(input: ParseStream<'_>, report: &mut Report) -> Result<Output> {
    if !input.peek(token::Brace) {
        return Ok(Output::One(sizes(input, "the output", report)?));
    }
    let content;
    let brace = braced!(content in input);
    let mut heads = Vec::new();
    while !content.is_empty() {
        if !(content.peek(Ident) && content.peek2(Token![:])) {
            let sentence = "expected the name of a head, `:` and its sizes: `-> { scores: [10], boxes: [4] }`";
            return Err(expected(&content, sentence));
        }
        let name: Ident = content.parse()?;
        content.parse::<Token![:]>()?;
        heads.push((name, sizes(&content, "this head", report)?));
        if !content.is_empty() && !content.peek(Token![,]) {
            return Err(content.error("expected `,` between heads"));
        }
        content.parse::<Option<Token![,]>>()?;
    }
    Ok(Output::Heads { brace, heads })
}

fn anonymous(input: ParseStream<'_>, report: &mut Report) -> Result<Anonymous> {
    let network_input = sizes(input, "the input", report)?;
    let options = options(input, report)?;
    if !input.peek(Token![->]) {
        let sentence = "expected `->` and the layers: `[C, H, W] -> conv2d(6, kernel = 5), relu`";
        return Err(behind(input, &network_input, sentence));
    }
    input.parse::<Token![->]>()?;
    if input.peek(token::Bracket) {
        let sentence = "a network in the place of a type declares no output; write the layers: `[C, H, W] -> relu, …`";
        return Err(Error::new_spanned(input.parse::<TokenTree>()?, sentence));
    }
    let layers = layers(input, report);
    Ok(Anonymous { input: network_input, options, layers })
}

/// `[1, 28, 28]`; parentheses are reported and read as if they were brackets.
fn sizes(input: ParseStream<'_>, what: &str, report: &mut Report) -> Result<Sizes> {
    let content;
    let bracket = if input.peek(token::Paren) {
        let paren = parenthesized!(content in input);
        let sentence = format!("the sizes of {what} stand in brackets: `[C, H, W]` or `[N]`");
        report.push(Error::new(paren.span.join(), sentence));
        token::Bracket { span: paren.span }
    } else if input.peek(token::Bracket) {
        bracketed!(content in input)
    } else {
        return Err(expected(input, format!("expected the sizes of {what} in brackets, `[C, H, W]` or `[N]`")));
    };
    Ok(Sizes { bracket, sizes: separated(&content, Expr::parse, "sizes")? })
}

/// Things with commas between them, and perhaps one at the end.
fn separated<T>(input: ParseStream<'_>, parse: fn(ParseStream<'_>) -> Result<T>, what: &str) -> Result<Vec<T>> {
    let mut list = Vec::new();
    while !input.is_empty() {
        list.push(parse(input)?);
        if input.is_empty() {
            break;
        }
        if !input.peek(Token![,]) {
            return Err(input.error(format!("expected `,` between {what}")));
        }
        input.parse::<Token![,]>()?;
    }
    Ok(list)
}

fn skip_all(input: ParseStream<'_>) -> Result<()> {
    input.parse::<TokenStream>().map(|_| ())
}

/// A sentence about the next token, or about what closes the list if there is none.
fn expected(input: ParseStream<'_>, sentence: impl std::fmt::Display) -> Error {
    // At the end, `ParseStream::error` would add "unexpected end of input".
    if input.is_empty() { Error::new(input.span(), sentence) } else { input.error(sentence) }
}

/// A sentence about the next token, or about what stands before if there is none.
pub fn behind(input: ParseStream<'_>, before: impl ToTokens, sentence: impl std::fmt::Display) -> Error {
    if input.is_empty() { Error::new_spanned(before, sentence) } else { input.error(sentence) }
}
