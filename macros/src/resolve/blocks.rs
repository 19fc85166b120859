//! Blocks: layers with parameters, declared once and used many times.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Ident};

use super::keywords::is_keyword;
use super::size::size;
use crate::ast::{Argument, Arguments, Block, Call, Join, Layer, Part, Repeat, Sizes};
use crate::message;
use crate::model::Size;
use crate::report::Report;

/// The blocks of a declaration by name.
pub type Blocks<'a> = HashMap<String, &'a Block>;

/// The most layers that `repeat` makes of one.
const MAX_REPEATS: usize = 1000;

/// Blocks by name; doubled names, and those of layers, are reported.
pub fn blocks<'a>(written: &'a [Block], report: &mut Report) -> Blocks<'a> {
    let mut blocks = Blocks::new();
    for block in written {
        let name = block.name.to_string();
        if is_keyword(&name) {
            report.at(&block.name, format!("`{name}` is a word of the language; choose another name for the block"));
        } else if blocks.insert(name.clone(), block).is_some() {
            report.at(&block.name, format!("two blocks are named `{name}`; choose another name for one"));
        }
        for (index, parameter) in block.parameters.iter().enumerate() {
            if block.parameters[..index].contains(parameter) {
                report.at(parameter, format!("`{name}` has two parameters named `{parameter}`"));
            }
        }
        if block.layers.is_empty() {
            report.at(&block.name, format!("the block `{name}` has no layers; it needs at least one"));
        }
    }
    blocks
}

/// The layers of a block with the arguments of `call` in the place of its parameters.
pub fn filled(block: &Block, call: &Call, report: &mut Report) -> Option<Vec<Layer>> {
    let (name, parameters) = (&block.name, &block.parameters);
    let names: Vec<String> = parameters.iter().map(ToString::to_string).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut values: HashMap<String, &Expr> = HashMap::new();
    let list = call.arguments.as_ref().map_or(&[][..], |arguments| &arguments.list);
    let mut wrong = false;
    if names.iter().enumerate().any(|(index, name)| names[..index].contains(name)) {
        // Told at the block.
        return None;
    }
    for (index, argument) in list.iter().enumerate() {
        let parameter = match &argument.field {
            Some(field) => names.iter().find(|name| field == **name),
            None => names.get(index),
        };
        let sentence = match (parameter, &argument.field) {
            (Some(parameter), _) => match values.insert((*parameter).to_owned(), &argument.value) {
                Some(_) => format!("`{parameter}` of `{name}` is given twice"),
                None => continue,
            },
            (None, Some(field)) => message::unknown_parameter(&field.to_string(), &name.to_string(), &names),
            (None, None) if names.is_empty() => format!("the block `{name}` takes no value"),
            (None, None) => format!(
                "the block `{name}` takes {}, {}; here are {}",
                message::values(names.len()),
                message::list(&names),
                list.len()
            ),
        };
        report.at(argument, sentence);
        wrong = true;
        break;
    }
    let missing: Vec<&str> = names.iter().copied().filter(|name| !values.contains_key(*name)).collect();
    if !wrong && !missing.is_empty() {
        let sentence =
            format!("the block `{name}` needs {}: write `{name}({})`", message::list(&missing), names.join(", "));
        report.at(call, sentence);
        wrong = true;
    }
    (!wrong).then(|| block.layers.iter().map(|layer| Fill(&values).layer(layer)).collect())
}

/// How often the layers of a `repeat` stand there.
pub fn repeated(repeat: &Repeat, report: &mut Report) -> Option<usize> {
    if repeat.layers.is_empty() {
        report.at(&repeat.keyword, "`repeat` has no layers; write them in its braces");
        return None;
    }
    match size(&repeat.count, report)? {
        Size::Literal(0) => report.at(&repeat.count, "`repeat 0` leaves nothing; repeat at least once, or remove it"),
        Size::Literal(count) if count > MAX_REPEATS => {
            report.at(&repeat.count, format!("`repeat {count}` is more than the {MAX_REPEATS} that there may be"));
        }
        Size::Literal(count) => return Some(count),
        Size::Expression(_) | Size::Any => {
            let found = repeat.count.to_token_stream();
            report.at(
                &repeat.count,
                format!("expected a number behind `repeat`, found `{found}`: how many layers there are is known before any constant"),
            );
        }
    }
    None
}

/// Puts expressions in the place of parameters.
pub struct Fill<'a>(pub &'a HashMap<String, &'a Expr>);

impl Fill<'_> {
    pub fn layers(&self, layers: &[Layer]) -> Vec<Layer> {
        layers.iter().map(|layer| self.layer(layer)).collect()
    }

    fn layer(&self, layer: &Layer) -> Layer {
        let part = layer.part.as_ref().map(|part| match part {
            Part::Call(call) => Part::Call(self.call(call)),
            Part::Group(group) => {
                Part::Group(crate::ast::Group { brace: group.brace, layers: self.layers(&group.layers) })
            }
            Part::Join(join) => {
                Part::Join(Join { keyword: join.keyword.clone(), brace: join.brace, paths: self.layers(&join.paths) })
            }
            Part::Repeat(repeat) => Part::Repeat(Repeat {
                keyword: repeat.keyword.clone(),
                count: self.expression(&repeat.count),
                brace: repeat.brace,
                layers: self.layers(&repeat.layers),
            }),
        });
        let assertion = layer.assertion.as_ref().map(|sizes| self.sizes(sizes));
        Layer { name: layer.name.clone(), file_name: layer.file_name.clone(), part, assertion }
    }

    pub fn sizes(&self, sizes: &Sizes) -> Sizes {
        Sizes { bracket: sizes.bracket, sizes: sizes.sizes.iter().map(|size| self.expression(size)).collect() }
    }

    fn call(&self, call: &Call) -> Call {
        let arguments = call.arguments.as_ref().map(|arguments| Arguments {
            paren: arguments.paren,
            list: arguments.list.iter().map(|argument| self.argument(argument)).collect(),
        });
        Call { keyword: call.keyword.clone(), arguments }
    }

    fn argument(&self, argument: &Argument) -> Argument {
        Argument { field: argument.field.clone(), equals: argument.equals, value: self.expression(&argument.value) }
    }

    fn expression(&self, written: &Expr) -> Expr {
        let tokens = self.tokens(written.to_token_stream());
        // An expression with expressions in the place of names is one.
        syn::parse2(tokens).unwrap_or_else(|_| written.clone())
    }

    fn tokens(&self, tokens: TokenStream) -> TokenStream {
        let mut filled = TokenStream::new();
        // Behind a dot or a path's colons stands a name of its own.
        let mut qualified = false;
        for token in tokens {
            let next_qualified = matches!(&token, TokenTree::Punct(punct) if matches!(punct.as_char(), '.' | ':'));
            filled.extend([match token {
                TokenTree::Ident(word) if !qualified => self.word(word),
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.tokens(group.stream()));
                    inner.set_span(group.span());
                    TokenTree::Group(inner)
                }
                other => other,
            }]);
            qualified = next_qualified;
        }
        filled
    }

    fn word(&self, word: Ident) -> TokenTree {
        match self.0.get(&word.to_string()) {
            Some(value) => TokenTree::Group(Group::new(Delimiter::None, value.to_token_stream())),
            None => TokenTree::Ident(word),
        }
    }
}
