//! Constant expressions, each bound to one constant of the expansion: a mistake in one is told once, however often its
//! value is used.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};

use crate::expand::root;
use crate::model::{Network, Size};

/// The constants; the sizes of the network name them from now on.
pub fn bind(network: &mut Network) -> TokenStream {
    let mut names = Names::default();
    network.for_each_size(|_, size| {
        if let Size::Expression(expression) = size {
            names.take_all(expression.written.to_token_stream());
        }
    });
    let (root, mut constants) = (root(), TokenStream::new());
    let mut by_tokens: HashMap<String, Ident> = HashMap::new();
    network.for_each_size(|what, size| {
        let Size::Expression(expression) = size else { return };
        let written = &expression.written;
        let constant = by_tokens.entry(written.to_token_stream().to_string()).or_insert_with(|| {
            let constant = names.free(what);
            // An argument of a type has no type annotation beside it that rustc would show to the user.
            constants.extend(quote! {
                #[allow(non_upper_case_globals, unused_braces, unused_parens)]
                const #constant: usize = #root::Number::<{ #written }>::VALUE;
            });
            constant
        });
        expression.constant = Some(constant.clone());
    });
    constants
}

/// Words that are taken.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// Everything that the expressions may refer to.
    fn take_all(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    self.0.insert(word.to_string());
                }
                TokenTree::Group(group) => self.take_all(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// A name for the constant of an expression. rustc may show it to the user, and rustdoc does, so it says what the
    /// value is: `conv1_kernel`. (A name like that of the user's constant would take the place of what rustc
    /// suggests when that is misspelt.)
    fn free(&mut self, what: &str) -> Ident {
        let mut name = what.to_owned();
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        format_ident!("{name}")
    }
}
