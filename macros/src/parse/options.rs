//! `with strict, memory = small`: the options of a declaration.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Error, Ident, Lit, Result, Token, token};

use crate::ast::Setting;
use crate::report::Report;

/// `with` and options between commas, or nothing.
pub fn options(input: ParseStream<'_>, report: &mut Report) -> Result<Vec<Setting>> {
    let mut options = Vec::new();
    if !input.peek(Ident) {
        return Ok(options);
    }
    let first: Ident = input.fork().parse()?;
    if first == "with" {
        input.parse::<Ident>()?;
        options.push(option(input, &first)?);
    } else {
        let setting = option(input, &first)?;
        report.at(&first, format!("expected `with` before an option: `with {}`", setting.to_token_stream()));
        options.push(setting);
    }
    while !input.is_empty() {
        if input.peek(Token![,]) {
            let comma = input.parse::<Token![,]>()?;
            options.push(option(input, &comma)?);
        } else if input.peek(Ident) {
            report.push(input.error("expected `,` between options"));
            options.push(option(input, &first)?);
        } else {
            break;
        }
    }
    Ok(options)
}

/// `strict`, or `memory = small`.
fn option(input: ParseStream<'_>, before: &dyn ToTokens) -> Result<Setting> {
    if !input.peek(Ident) {
        return Err(Error::new_spanned(before, "expected an option behind this: `with strict`"));
    }
    let option: Ident = input.parse()?;
    if input.peek(Token![:]) {
        return Err(input.error(format!("expected `=` behind `{option}`: options are written `{option} = …`")));
    }
    if input.peek(Lit) || input.peek(Ident) && !input.peek2(Token![=]) {
        return Err(input.error(format!("expected `=` between `{option}` and its value, or `,` before another option")));
    }
    if !input.peek(Token![=]) || input.peek(Token![=>]) {
        return Ok(Setting { option, equals: None, value: None });
    }
    let equals = input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) || input.peek(token::Brace) || input.peek(Token![->]) {
        let sentence = format!("expected a value behind `{option} =`");
        return Err(Error::new_spanned(quote::quote!(#option #equals), sentence));
    }
    let value = input.parse::<TokenTree>()?;
    Ok(Setting { option, equals: Some(equals), value: Some(value) })
}
