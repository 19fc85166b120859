//! Keywords looked up, fields found, defaults filled in: [`ast`](crate::ast) → [`model`](crate::model).

mod blocks;
mod fields;
mod heads;
mod keywords;
mod layers;
mod operations;
mod options;
mod size;
mod skip;

use quote::ToTokens;
use syn::{Expr, Ident};

use crate::ast::{self, Head};
use crate::model::{Item, Network, Output, Shape, Size};
use crate::report::Report;
use layers::{Laid, layers};
use options::options;
use size::{written_output, written_shape};

pub use blocks::Fill;

/// The network that a declaration means; only its head, if it has one, where no more of it could be read.
pub fn resolve(network: ast::Network, report: &mut Report) -> Result<Network, Option<Head>> {
    let ast::Network { blocks, declaration } = network;
    let blocks = blocks::blocks(&blocks, report);
    Ok(match declaration {
        ast::Declaration::Item(item) => {
            let item = *item;
            let (strict, options) = options(&item.options, report);
            let input = written_shape(&item.input, report);
            let written = if item.generics.params.is_empty() { written_shape } else { written_output };
            let output = output(&item.output, written, report);
            let Laid { layers, chain, heads } = layers(&item.layers, &blocks, report);
            let ast::Item { head, body, .. } = item;
            Network { item: Some(Item { head, output, body }), input, strict, options, layers, chain, heads }
        }
        ast::Declaration::Anonymous(network) => {
            let Laid { layers, chain, heads } = layers(&network.layers, &blocks, report);
            let (strict, options) = options(&network.options, report);
            let input = written_shape(&network.input, report);
            Network { item: None, input, strict, options, layers, chain, heads }
        }
        ast::Declaration::Blocks => unreachable!("blocks alone are no network"),
        ast::Declaration::UnreadItem(head) => return Err(Some(head)),
        ast::Declaration::UnreadAnonymous => return Err(None),
    })
}

fn output(written: &ast::Output, shape: fn(&ast::Sizes, &mut Report) -> Shape, report: &mut Report) -> Output {
    match written {
        ast::Output::One(sizes) => Output::One(shape(sizes, report)),
        ast::Output::Heads { heads, .. } => {
            let head = |(name, sizes): &(Ident, ast::Sizes)| (name.clone(), shape(sizes, report));
            Output::Heads { heads: heads.iter().map(head).collect(), tokens: written.to_token_stream() }
        }
    }
}

/// Sizes as they are written; `None`s are reported.
pub fn sizes(written: &[Expr], report: &mut Report) -> Vec<Size> {
    written.iter().filter_map(|value| size::size(value, report)).collect()
}

/// Checks blocks that no network stands beside.
pub fn check_blocks(written: &[ast::Block], report: &mut Report) {
    blocks::blocks(written, report);
}
