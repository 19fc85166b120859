//! What is wrong with names and generics: a list of small checks, each with its reason.

use convnet_shape::op::Op;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, GenericParam, Ident};

use crate::ast;
use crate::message;
use crate::model::{Layer, Network, Operation, Output};
use crate::report::Report;

/// Names that every network has already, as inherent methods.
pub const METHODS: [&str; 18] = [
    "forward",
    "forward_batch",
    "forward_into",
    "from_bytes",
    "from_params",
    "init",
    "load",
    "params",
    "params_mut",
    "prepare",
    "save",
    "scratch",
    "scratch_bytes",
    "summary",
    "to_bytes",
    "backward",
    "clone",
    "train",
];

/// A network may be generic over its input size: over types, because stable Rust cannot compute with generic const
/// parameters in types. Whether it is generic, or not as it should be.
pub fn generics(item: &ast::Item, report: &mut Report) -> bool {
    let (network, parameters) = (&item.head.name, &item.generics.params);
    for parameter in parameters {
        match parameter {
            GenericParam::Const(parameter) => {
                let name = &parameter.ident;
                report.at(
                    parameter,
                    format!(
                        "the size `{name}` is a generic const parameter, and stable Rust cannot compute with those in types; \
                         write `struct {network}<{name}>`, or use a constant, `const {name}: usize = …`"
                    ),
                );
            }
            GenericParam::Lifetime(lifetime) => {
                report.at(lifetime, "a network borrows nothing; its generic parameters are sizes of its input");
            }
            GenericParam::Type(parameter) => {
                let name = &parameter.ident;
                if !parameter.bounds.is_empty() || parameter.default.is_some() {
                    report.at(parameter, format!("a size that is generic needs no bound: write `{network}<{name}>`"));
                }
                if !item.input.sizes.iter().any(|size| is_word(size, name)) {
                    report.at(
                        name,
                        format!("`{name}` is not a size of the input; let it stand there alone, `[3, {name}, …]`, or remove it"),
                    );
                }
                for size in item.input.sizes.iter().filter(|size| !is_word(size, name) && contains(size, name)) {
                    report.at(size, format!("a generic size of the input stands alone: write `{name}`"));
                }
                item.layers.iter().for_each(|layer| generic_size(layer, name, report));
            }
        }
    }
    if let Some(clause) = &item.generics.where_clause {
        report.at(clause, "a declared network needs no bounds");
    }
    !parameters.is_empty() || item.generics.where_clause.is_some()
}

/// Sizes of layers are no types, which a generic one is; only `=> […]` is nothing but checked.
fn generic_size(layer: &ast::Layer, name: &Ident, report: &mut Report) {
    match &layer.part {
        Some(ast::Part::Call(call)) => {
            let arguments = call.arguments.as_ref().map_or(&[][..], |arguments| &arguments.list);
            for argument in arguments.iter().filter(|argument| contains(&argument.value, name)) {
                report.at(
                    &argument.value,
                    format!("`{name}` is generic, and a size of a layer is not; it may stand in the input, the output and `=> […]`"),
                );
            }
        }
        Some(ast::Part::Group(group)) => group.layers.iter().for_each(|layer| generic_size(layer, name, report)),
        Some(ast::Part::Join(join)) => join.paths.iter().for_each(|layer| generic_size(layer, name, report)),
        Some(ast::Part::Repeat(repeat)) => repeat.layers.iter().for_each(|layer| generic_size(layer, name, report)),
        None => {}
    }
}

fn is_word(size: &Expr, name: &Ident) -> bool {
    matches!(size, Expr::Path(path) if path.path.is_ident(name))
}

fn contains(value: &Expr, name: &Ident) -> bool {
    fn within(tokens: TokenStream, name: &Ident) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(word) => word == *name,
            TokenTree::Group(group) => within(group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    within(value.to_token_stream(), name)
}

/// A network computes something.
pub fn some_layers(network: &Network, report: &mut Report) {
    if !network.layers.is_empty() {
        return;
    }
    match &network.item {
        Some(item) => {
            let braces = item.body.span.join();
            let sentence = format!("`{}` has no layers; it needs at least one", item.head.name);
            report.push(syn::Error::new(braces, sentence));
        }
        None => report.at(&network.input.tokens, "this network has no layers; it needs at least one"),
    }
}

/// Heads are declared by name, each once; they are in the order in which the network has them from here on.
pub fn heads(network: &mut Network, report: &mut Report) {
    let has: Vec<String> = network.heads.iter().map(|head| head.name.to_string()).collect();
    let known: Vec<&str> = has.iter().map(String::as_str).collect();
    let Some(item) = &mut network.item else {
        let heads = |layer: &&Layer| matches!(layer.operation, Operation::Plain(Op::Heads));
        if let Some(layer) = network.layers.iter().find(heads) {
            report.at(
                &layer.tokens,
                "`heads` are fields of a struct, so they stand in networks with a name: \
                 `struct Name: [C, H, W] -> { scores: [10], boxes: [4] } { … }`",
            );
        }
        return;
    };
    let name = &item.head.name;
    match &mut item.output {
        Output::One(shape) if !has.is_empty() => {
            let heads: Vec<String> = has.iter().map(|head| format!("{head}: [sizes]")).collect();
            let sentence = format!(
                "`{name}` ends in heads, and each is declared by its name: write `-> {{ {} }}`",
                heads.join(", ")
            );
            report.at(&shape.tokens, sentence);
        }
        Output::One(_) => {}
        Output::Heads { heads, tokens } if has.is_empty() => {
            let ends = network.layers.last().is_some_and(Layer::unread);
            if !ends && !network.layers.iter().any(|layer| matches!(layer.operation, Operation::Plain(Op::Heads))) {
                let names: Vec<String> = heads.iter().map(|(name, _)| format!("{name}: …")).collect();
                let sentence = format!(
                    "`{name}` declares heads but does not end in them; let its last layer be `heads {{ {} }}`, or declare \
                     one output, `-> [N]`",
                    names.join(", ")
                );
                report.at(tokens, sentence);
            }
        }
        Output::Heads { heads, tokens } => {
            for (index, (own, _)) in heads.iter().enumerate() {
                if heads[..index].iter().any(|(earlier, _)| earlier == own) {
                    report.at(own, format!("head `{own}` is declared twice"));
                } else if !has.contains(&own.to_string()) {
                    report.at(own, message::unknown_head(&own.to_string(), &name.to_string(), &known));
                }
            }
            let missing: Vec<&str> =
                known.iter().copied().filter(|head| !heads.iter().any(|(own, _)| own == head)).collect();
            if !missing.is_empty() && heads.iter().all(|(own, _)| has.contains(&own.to_string())) {
                let sentence = format!(
                    "`{name}` has {} too; declare the sizes: `{}: [sizes]`",
                    message::list(&missing),
                    missing[0]
                );
                report.at(tokens, sentence);
            }
            heads.sort_by_key(|(own, _)| has.iter().position(|head| own == head));
        }
    }
}

/// Names and numbers of the layers of a type are known to rustc alone, and only for one size of the input.
pub fn nothing_own(network: &Network, report: &mut Report) {
    for layer in &network.layers {
        if let Operation::Own(_) = layer.operation {
            report.at(
                &layer.tokens,
                "a network over a generic input size has layers of the language and blocks; a type stands in networks of one size",
            );
        }
    }
}

/// The statistics of a `normalize` are constants of a type, and a network in the place of a type declares none.
pub fn statistics(network: &Network, report: &mut Report) {
    for layer in &network.layers {
        if let (None, Operation::Plain(Op::Normalize { .. })) = (&network.item, &layer.operation) {
            report.at(
                &layer.tokens,
                "`normalize` stands in networks with a name: `struct Name: [C, H, W] -> [N] { … }`; here write the type \
                 `layers::Normalize` in a chain built by hand",
            );
        }
    }
}

/// Names, given or made up, become methods and the names of tensors in files: each once, and none that a network has already.
pub fn names(network: &Network, report: &mut Report) {
    for (index, layer) in network.layers.iter().enumerate().filter(|(_, layer)| !layer.name.is_empty()) {
        let earlier = network.layers[..index].iter().find(|earlier| earlier.accessor() == layer.accessor());
        if let Some(earlier) = earlier {
            match (&layer.written_name, &earlier.written_name) {
                (Some(name), Some(_)) => {
                    report.at(name, format!("two layers are named `{name}`; choose another name for one"))
                }
                (Some(name), None) => {
                    report.at(
                        name,
                        format!(
                            "`{name}` is the name made up for the unnamed {} before; choose another, or name that one",
                            earlier.keyword()
                        ),
                    );
                }
                // What was meant by a layer that cannot be read is unknown, its name too.
                (None, _) if earlier.unread() => {}
                (None, _) => report.at(
                    &layer.tokens,
                    format!(
                        "the name made up for this layer, `{}`, is taken by one before; give it a name: `name: …`",
                        layer.name
                    ),
                ),
            }
        }
        file_name(network, index, report);
        let Some(name) = &layer.written_name else { continue };
        if METHODS.contains(&layer.accessor().as_str()) {
            report.at(name, format!("`{name}` is a method of every network; choose another name"));
        } else if layer.name.ends_with("_mut") {
            report.at(
                name,
                format!("`{name}` ends in `_mut`, as the methods that change parameters do; choose another name"),
            );
        }
    }
}

/// Names in files: each once among the layers, and such that `.weight` can stand behind it.
fn file_name(network: &Network, index: usize, report: &mut Report) {
    let layer = &network.layers[index];
    let Some(written) = &layer.written_file else { return };
    let name = written.value();
    if name.is_empty() || name.starts_with('.') || name.ends_with('.') || name.chars().any(char::is_whitespace) {
        let sentence = format!(
            "`\"{name}\"` is no name of a layer in files of weights; write it as PyTorch does: `\"features.0\"`"
        );
        return report.at(written, sentence);
    }
    let same = |other: &(usize, &Layer)| other.0 != index && other.1.file_name == layer.file_name;
    if let Some((other, _)) = network.layers.iter().enumerate().find(same)
        && (other < index || network.layers[other].written_file.is_none())
    {
        let sentence = format!("two layers are named `\"{}\"` in files; choose another name for one", layer.file_name);
        report.at(written, sentence);
    }
}
