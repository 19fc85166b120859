//! Keywords looked up, fields found, defaults filled in: [`ast`](crate::ast) → [`model`](crate::model).

mod fields;
mod keywords;
mod operations;
mod size;

use std::collections::HashMap;

use convnet_shape::check::Field;
use convnet_shape::graph::Reads;
use quote::ToTokens;
use syn::Ident;
use syn::ext::IdentExt;

use crate::ast::{self, Head};
use crate::message;
use crate::model::{Item, Layer, Network, Operation};
use crate::report::Report;
use fields::Fields;
use keywords::{Resolve, keyword};
use size::written_shape;

/// The network that a declaration means; only its head, if it has one, where no more of it could be read.
pub fn resolve(declaration: ast::Declaration, report: &mut Report) -> Result<Network, Option<Head>> {
    Ok(match declaration {
        ast::Declaration::Item(item) => {
            let item = *item;
            let strict = options(&item.options, report);
            let input = written_shape(&item.input, report);
            let output = written_shape(&item.output, report);
            let layers = layers(&item.layers, report);
            let ast::Item { head, body, .. } = item;
            Network { item: Some(Item { head, output, body }), input, strict, layers }
        }
        ast::Declaration::Anonymous(network) => Network {
            item: None,
            strict: options(&network.options, report),
            input: written_shape(&network.input, report),
            layers: layers(&network.layers, report),
        },
        ast::Declaration::UnreadItem(head) => return Err(Some(head)),
        ast::Declaration::UnreadAnonymous => return Err(None),
    })
}

fn options(options: &[Ident], report: &mut Report) -> bool {
    let mut strict = false;
    for option in options {
        if option != "strict" {
            report.at(option, message::unknown_option(&option.to_string(), &["strict"]));
        } else if strict {
            report.at(option, "`strict` is given twice");
        } else {
            strict = true;
        }
    }
    strict
}
fn layers(written: &[ast::Layer], report: &mut Report) -> Vec<Layer> {
    let mut counts = HashMap::new();
    let mut layers: Vec<Layer> = written.iter().flat_map(|layer| self::layer(layer, &mut counts, report)).collect();
    for (index, layer) in layers.iter_mut().enumerate() {
        layer.reads = Reads::one(index);
    }
    layers
}

/// The layers that a keyword stands for, mostly one; `counts` holds how often each made-up name has been used.
fn layer(written: &ast::Layer, counts: &mut HashMap<&'static str, usize>, report: &mut Report) -> Vec<Layer> {
    let mut layer = Layer {
        name: written.name.as_ref().map_or_else(String::new, |name| name.unraw().to_string()),
        written_name: written.name.clone(),
        operation: Operation::Unread,
        reads: Reads::one(0),
        assertion: written.assertion.as_ref().map(|sizes| written_shape(sizes, report)),
        tokens: written.call.to_token_stream(),
        fields: Vec::new(),
    };
    let Some((call, (name, keyword))) = written.call.as_ref().and_then(|call| Some((call, keyword(call, report)?)))
    else {
        return vec![layer];
    };
    let count = counts.entry(keyword.short).or_default();
    *count += 1;
    if layer.name.is_empty() {
        layer.name = format!("{}{count}", keyword.short);
    }
    let mut fields = Fields::new(&layer.name, call, name, keyword, report);
    let resolved = match keyword.resolve {
        Resolve::One(resolve) => resolve(&mut fields).map(|operation| vec![("", operation)]),
        Resolve::Two([first, second], resolve) => {
            resolve(&mut fields).map(|[one, other]| vec![(first, one), (second, other)])
        }
    };
    layer.fields = fields.underlined;
    if let Some(assertion) = &layer.assertion {
        layer.fields.push((Field::Assertion, assertion.tokens.clone()));
    }
    let Some(resolved) = resolved else { return vec![layer] };
    let mut assertion = layer.assertion.take();
    let last = resolved.len() - 1;
    let parts = resolved.into_iter().enumerate().map(|(index, (suffix, operation))| Layer {
        name: format!("{}{suffix}", layer.name),
        written_name: match &layer.written_name {
            Some(name) if !suffix.is_empty() => Some(Ident::new(&format!("{}{suffix}", layer.name), name.span())),
            name => name.clone(),
        },
        operation,
        reads: layer.reads,
        assertion: if index == last { assertion.take() } else { None },
        tokens: layer.tokens.clone(),
        fields: layer.fields.clone(),
    });
    parts.collect()
}
