//! What is written, and nothing more: the tree keeps the user's tokens, so that any stage can point at them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, Generics, Ident, Path, Token, Visibility, token};

/// `cnn! { … }`.
pub enum Declaration {
    /// `pub struct Name: [1, 28, 28] -> [10] { … }`.
    Item(Box<Item>),
    /// `[3, 227, 227] -> conv2d(96, kernel = 11), relu`, in the place of a type.
    Anonymous(Anonymous),
    /// A named network of which only the name could be read.
    UnreadItem(Head),
    /// A network in the place of a type that could not be read.
    UnreadAnonymous,
}

/// A named network.
pub struct Item {
    pub head: Head,
    pub generics: Generics,
    pub input: Sizes,
    pub output: Sizes,
    pub options: Vec<Ident>,
    pub body: token::Brace,
    pub layers: Vec<Layer>,
}

/// `pub struct Name`.
pub struct Head {
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub name: Ident,
}

/// A network without a name.
pub struct Anonymous {
    pub input: Sizes,
    pub options: Vec<Ident>,
    pub layers: Vec<Layer>,
}

/// `[1, 28, 28]`.
#[derive(Clone)]
pub struct Sizes {
    pub bracket: token::Bracket,
    pub sizes: Vec<Expr>,
}

/// `conv1: conv2d(6, kernel = 5) => [6, 24, 24]`.
pub struct Layer {
    pub name: Option<Ident>,
    /// `None` if it could not be read, which has been reported.
    pub call: Option<Call>,
    pub assertion: Option<Sizes>,
}

/// `conv2d(6, kernel = 5)`.
pub struct Call {
    pub keyword: Path,
    pub arguments: Option<Arguments>,
}

/// `(6, kernel = 5)`.
pub struct Arguments {
    pub paren: token::Paren,
    pub list: Vec<Argument>,
}

/// `6` or `kernel = 5`.
pub struct Argument {
    pub field: Option<Ident>,
    pub equals: Option<Token![=]>,
    pub value: Expr,
}

impl ToTokens for Sizes {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let sizes = &self.sizes;
        self.bracket.surround(tokens, |inner| inner.extend(quote!(#(#sizes),*)));
    }
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.field.to_tokens(tokens);
        self.equals.to_tokens(tokens);
        self.value.to_tokens(tokens);
    }
}

impl ToTokens for Arguments {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let list = &self.list;
        self.paren.surround(tokens, |inner| inner.extend(quote!(#(#list),*)));
    }
}

impl ToTokens for Call {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.keyword.to_tokens(tokens);
        self.arguments.to_tokens(tokens);
    }
}
