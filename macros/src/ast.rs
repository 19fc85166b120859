//! What is written, and nothing more: the tree keeps the user's tokens, so that any stage can point at them.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, Generics, Ident, LitStr, Path, Token, Visibility, token};

/// `cnn! { … }`.
pub struct Network {
    pub blocks: Vec<Block>,
    pub declaration: Declaration,
}

/// `block inception(c1, r3, c3) { … }`.
pub struct Block {
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub name: Ident,
    pub parameters: Vec<Ident>,
    pub layers: Vec<Layer>,
}

/// `pub type Big = Backbone[224, 224]`.
pub struct Instance {
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub name: Ident,
    pub network: Path,
    pub sizes: Sizes,
}

/// The network itself.
pub enum Declaration {
    /// `pub struct Name: [1, 28, 28] -> [10] { … }`.
    Item(Box<Item>),
    /// `[3, 227, 227] -> conv2d(96, kernel = 11), relu`, in the place of a type.
    Anonymous(Anonymous),
    /// Nothing but blocks, for other declarations.
    Blocks,
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
    pub output: Output,
    pub options: Vec<Setting>,
    pub body: token::Brace,
    pub layers: Vec<Layer>,
}

/// What a network gives.
pub enum Output {
    /// `[10]`.
    One(Sizes),
    /// `{ face: [2], boxes: [4] }`.
    Heads { brace: token::Brace, heads: Vec<(Ident, Sizes)> },
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
    pub options: Vec<Setting>,
    pub layers: Vec<Layer>,
}

/// `strict`, or `memory = small`.
#[derive(Clone)]
pub struct Setting {
    pub option: Ident,
    pub equals: Option<Token![=]>,
    pub value: Option<TokenTree>,
}

/// `[1, 28, 28]`.
#[derive(Clone)]
pub struct Sizes {
    pub bracket: token::Bracket,
    pub sizes: Vec<Expr>,
}

/// `conv1 as "features.0": conv2d(6, kernel = 5) => [6, 24, 24]`.
#[derive(Clone)]
pub struct Layer {
    pub name: Option<Ident>,
    /// The name in files.
    pub file_name: Option<LitStr>,
    /// `None` if it could not be read, which has been reported.
    pub part: Option<Part>,
    pub assertion: Option<Sizes>,
}

/// What stands in the place of a layer.
#[derive(Clone)]
pub enum Part {
    Call(Call),
    Group(Group),
    Join(Join),
    Repeat(Repeat),
}

/// `{ layers }`, one behind the other.
#[derive(Clone)]
pub struct Group {
    pub brace: token::Brace,
    pub layers: Vec<Layer>,
}

/// `concat { paths }`, `add { paths }` or `heads { paths }`, side by side; each path is a layer or a group.
#[derive(Clone)]
pub struct Join {
    pub keyword: Ident,
    pub brace: token::Brace,
    pub paths: Vec<Layer>,
}

/// `repeat 3 { layers }`.
#[derive(Clone)]
pub struct Repeat {
    pub keyword: Ident,
    pub count: Expr,
    pub brace: token::Brace,
    pub layers: Vec<Layer>,
}

/// `conv2d(6, kernel = 5)`.
#[derive(Clone)]
pub struct Call {
    pub keyword: Path,
    pub arguments: Option<Arguments>,
}

/// `(6, kernel = 5)`.
#[derive(Clone)]
pub struct Arguments {
    pub paren: token::Paren,
    pub list: Vec<Argument>,
}

/// `6` or `kernel = 5`.
#[derive(Clone)]
pub struct Argument {
    pub field: Option<Ident>,
    pub equals: Option<Token![=]>,
    pub value: Expr,
}

impl Call {
    /// Whether the keyword is this word.
    pub fn is(&self, word: &str) -> bool {
        self.keyword.is_ident(word)
    }
}

impl ToTokens for Setting {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.option.to_tokens(tokens);
        self.equals.to_tokens(tokens);
        self.value.to_tokens(tokens);
    }
}

impl ToTokens for Sizes {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let sizes = &self.sizes;
        self.bracket.surround(tokens, |inner| inner.extend(quote!(#(#sizes),*)));
    }
}

impl ToTokens for Output {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Output::One(sizes) => sizes.to_tokens(tokens),
            Output::Heads { brace, heads } => {
                let heads = heads.iter().map(|(name, sizes)| quote!(#name: #sizes));
                brace.surround(tokens, |inner| inner.extend(quote!(#(#heads),*)));
            }
        }
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

impl ToTokens for Layer {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { name, file_name, part, assertion } = self;
        match (name, file_name) {
            (Some(name), Some(file_name)) => tokens.extend(quote!(#name as #file_name:)),
            (Some(name), None) => tokens.extend(quote!(#name:)),
            (None, Some(file_name)) => tokens.extend(quote!(#file_name:)),
            (None, None) => {}
        }
        part.to_tokens(tokens);
        if let Some(assertion) = assertion {
            tokens.extend(quote!(=> #assertion));
        }
    }
}

impl ToTokens for Part {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Part::Call(call) => call.to_tokens(tokens),
            Part::Group(Group { brace, layers }) => brace.surround(tokens, |inner| inner.extend(quote!(#(#layers),*))),
            Part::Join(Join { keyword, brace, paths }) => {
                keyword.to_tokens(tokens);
                brace.surround(tokens, |inner| inner.extend(quote!(#(#paths),*)));
            }
            Part::Repeat(Repeat { keyword, count, brace, layers }) => {
                keyword.to_tokens(tokens);
                count.to_tokens(tokens);
                brace.surround(tokens, |inner| inner.extend(quote!(#(#layers),*)));
            }
        }
    }
}
