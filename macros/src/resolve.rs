//! Keywords looked up, fields found, defaults filled in: [`ast`](crate::ast) → [`model`](crate::model).

mod blocks;
mod fields;
mod keywords;
mod layers;
mod operations;
mod size;
mod skip;

use syn::Ident;

use crate::ast::{self, Head};
use crate::message;
use crate::model::{Item, Network};
use crate::report::Report;
use layers::layers;
use size::written_shape;

/// The network that a declaration means; only its head, if it has one, where no more of it could be read.
pub fn resolve(network: ast::Network, report: &mut Report) -> Result<Network, Option<Head>> {
    let ast::Network { blocks, declaration } = network;
    let blocks = blocks::blocks(&blocks, report);
    Ok(match declaration {
        ast::Declaration::Item(item) => {
            let item = *item;
            let strict = options(&item.options, report);
            let input = written_shape(&item.input, report);
            let output = written_shape(&item.output, report);
            let (layers, chain) = layers(&item.layers, &blocks, report);
            let ast::Item { head, body, .. } = item;
            Network { item: Some(Item { head, output, body }), input, strict, layers, chain }
        }
        ast::Declaration::Anonymous(network) => {
            let (layers, chain) = layers(&network.layers, &blocks, report);
            Network {
                item: None,
                strict: options(&network.options, report),
                input: written_shape(&network.input, report),
                layers,
                chain,
            }
        }
        ast::Declaration::Blocks => unreachable!("blocks alone are no network"),
        ast::Declaration::UnreadItem(head) => return Err(Some(head)),
        ast::Declaration::UnreadAnonymous => return Err(None),
    })
}

/// Checks blocks that no network stands beside.
pub fn check_blocks(written: &[ast::Block], report: &mut Report) {
    blocks::blocks(written, report);
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
