//! The one sink of mistakes.

use std::fmt::Display;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Error;

/// Mistakes found so far; every independent one is shown.
#[derive(Default)]
pub struct Report {
    errors: Option<Error>,
    read: bool,
    /// What is said behind each sentence.
    pub remark: String,
}

impl Report {
    /// Adds a sentence about these tokens, all of which are underlined.
    pub fn at(&mut self, guilty: impl ToTokens, sentence: impl Display) {
        let sentence = format!("{sentence}{}", self.remark);
        self.push(Error::new_spanned(visible(guilty.into_token_stream()), sentence));
    }

    /// Adds an error that syn or another stage made.
    pub fn push(&mut self, error: Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.errors.is_none()
    }

    /// The mistakes as `compile_error!`s, to be emitted where items stand.
    pub fn into_compile_errors(self) -> TokenStream {
        self.into_each_compile_error().into_iter().collect()
    }

    /// The mistakes as sentences, to be told elsewhere.
    pub fn into_sentences(mut self) -> Vec<String> {
        self.read = true;
        self.errors.take().into_iter().flatten().map(|error| error.to_string()).collect()
    }

    /// The mistakes as one `compile_error!` each.
    pub fn into_each_compile_error(mut self) -> Vec<TokenStream> {
        self.read = true;
        self.errors.take().into_iter().flatten().map(|error| error.into_compile_error()).collect()
    }
}

/// Tokens without the invisible groups that a parameter's value comes in, which have no place of their own.
pub fn visible(tokens: TokenStream) -> TokenStream {
    let visible = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => self::visible(group.stream()),
        token => token.into(),
    };
    tokens.into_iter().map(visible).collect::<Vec<TokenStream>>().into_iter().collect()
}

impl Drop for Report {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.read, "mistakes were collected and never shown");
        }
    }
}
