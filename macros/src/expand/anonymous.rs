//! A network in the place of a type: `Sequential<Input, Chain>`, or `Sequential<Input, Chain, Options>`.

use convnet_shape::options::Options;
use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::{root, spanned_over, types, values};
use crate::infer::Facts;
use crate::model::{Network, Operation};

/// The type. Where an expression has a part in a shape, the checks ride on the input's type: a type has no other
/// place for code that rustc evaluates.
pub fn expand(network: &Network, facts: &Facts) -> TokenStream {
    let root = root();
    let (input, chain) = (types::shape(&network.input), types::chain(network, facts));
    let options = options(&network.options);
    let checks = checks(network, facts);
    if checks.is_empty() {
        return quote!(#root::Sequential<#input, #chain #options>);
    }
    let (layers, first) = (values::layers(network), values::dims(&network.input));
    quote! {
        #root::Sequential<
            <#root::Checked<{
                let layers: &[#root::check::Layer<'static>] = &#layers;
                let input: #root::Dims = #first;
                #(#checks)*
                true
            }> as #root::KeepType<#input>>::Type,
            #chain
            #options
        >
    }
}

/// The third parameter, behind a comma, unless nothing is asked.
fn options(options: &Options) -> TokenStream {
    if *options == Options::DEFAULT {
        return TokenStream::new();
    }
    let root = root();
    let Options { small, winograd, weights, bf16_products } = *options;
    let stored = weights as u8;
    quote!(, #root::Declared<#small, #winograd, #stored, #bf16_products>)
}

fn checks(network: &Network, facts: &Facts) -> Vec<TokenStream> {
    let (root, strict, values) = (root(), network.strict, network.layers.len() + 1);
    let mut checks = Vec::new();
    if network.input.known().is_none() {
        let check = quote!(#root::check::require_input("this network", &input));
        checks.push(spanned_over(check, &network.input.tokens));
    }
    for (index, layer) in network.layers.iter().enumerate().filter(|(index, _)| facts.left_to_rustc[*index]) {
        let check = quote!(#root::check::require::<#values>(layers, #index, &input, #strict));
        checks.push(spanned_over(check, &layer.tokens));
    }
    for (index, layer) in network.layers.iter().enumerate() {
        if let Operation::Own(_) = layer.operation {
            let (shape, chain) = (types::shape(&network.input), types::chain(network, facts));
            let tree = quote!(&<#chain as ::convnet::Layer<#shape>>::TREE);
            let check = quote!(#root::part::require_in_tree::<#values>(layers, #index, #tree, &input));
            checks.push(spanned_over(check, &layer.tokens));
        }
    }
    checks.into_iter().map(|check| quote!(#check;)).collect()
}
