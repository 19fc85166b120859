//! Sizes, shapes and chains as types.

use convnet_shape::dims::Dims;
use convnet_shape::op::{BatchNormOp, Op, Permutation, Reduce};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::expand::{activation, root, values};
use crate::infer::Facts;
use crate::model::{
    Channels, Conv, ConvTranspose, Hanging, Layer, Lrn, Network, Operation, Output, PaddingSizes, Pool, Shape, Size,
    WindowSizes,
};

/// Bits of a size that is an expression; `convnet_shape::dims::MAX_SIZE` is the largest they hold.
const BITS: u32 = 24;

/// A size as a typenum numeral, `UInt<UInt<UTerm, B1>, B0>`.
pub fn numeral(size: &Size) -> TokenStream {
    match size {
        Size::Literal(value) => literal_numeral(*value),
        Size::Expression(expression) => bits_of(&quote!(#expression)),
        Size::Any => unreachable!("`_` stands in outputs of generic networks, which are no types"),
    }
}

fn literal_numeral(value: usize) -> TokenStream {
    let root = root();
    let mut numeral = quote!(#root::UTerm);
    for index in (0..usize::BITS - value.leading_zeros()).rev() {
        let bit = if value >> index & 1 == 1 { quote!(B1) } else { quote!(B0) };
        numeral = quote!(#root::UInt<#numeral, #root::#bit>);
    }
    numeral
}

/// A numeral that rustc builds from the bits of a constant expression.
fn bits_of(expression: &TokenStream) -> TokenStream {
    let root = root();
    let mut numeral = quote!(#root::UTerm);
    for index in (0..BITS).rev() {
        numeral = quote!(#root::Push<#numeral, { #root::bit(#expression, #index) }>);
    }
    numeral
}

/// `Image<C, H, W>` and its relatives.
pub fn shape(shape: &Shape) -> TokenStream {
    let (root, sizes) = (root(), shape.sizes.iter().map(numeral));
    let name = format_ident!("{}", ["Vector", "Seq", "Image", "Volume"][shape.sizes.len() - 1]);
    quote!(#root::shape::#name<#(#sizes),*>)
}

/// The output as a shape; heads are a vector of all their values.
pub fn output(output: &Output) -> TokenStream {
    match output {
        Output::One(shape) => self::shape(shape),
        Output::Heads { .. } => {
            let root = root();
            let len = match output.known() {
                Some(dims) => literal_numeral(dims.len()),
                None => bits_of(&quote!(__CNN_OUTPUT.len())),
            };
            quote!(#root::shape::Vector<#len>)
        }
    }
}

/// `Chw<C, H, W>` and its relatives: the value at the door.
pub fn value(shape: &Shape) -> TokenStream {
    let sizes = shape.sizes.iter().map(|size| match size {
        Size::Literal(value) => quote!(#value),
        Size::Expression(expression) => quote!({ #expression }),
        Size::Any => unreachable!("`_` stands in outputs of generic networks, which are no types"),
    });
    let name = format_ident!("{}", ["Flat", "Cl", "Chw", "Cdhw"][shape.sizes.len() - 1]);
    quote!(::convnet::#name<#(#sizes),*>)
}

/// Whether an output of these sizes is returned by value: up to 16 KiB.
pub fn by_value(output: &Dims) -> bool {
    output.len() <= 16 * 1024 / size_of::<f32>()
}

/// The layers as a balanced tree of `Then`, with `Concat` and `Add` where paths lie side by side.
pub fn chain(network: &Network, facts: &Facts) -> TokenStream {
    sequence(&network.chain, network, facts)
}

fn sequence(chain: &[Hanging], network: &Network, facts: &Facts) -> TokenStream {
    let root = root();
    let layers = chain.iter().map(|hanging| match hanging {
        Hanging::Layer(index) => {
            let layer = self::layer(&network.layers[*index]);
            facts.misfits[*index].map_or(layer.clone(), |rank| misfit(&layer, rank))
        }
        Hanging::Join { layer, paths } => {
            let paths = paths.iter().map(|path| sequence(path, network, facts));
            let join = match network.layers[*layer].operation {
                Operation::Plain(Op::Concat) => quote!(Concat),
                Operation::Plain(Op::Heads) => quote!(Heads),
                _ => quote!(Add),
            };
            quote!(#root::#join<(#(#paths,)*)>)
        }
    });
    balanced(&layers.collect::<Vec<_>>())
}

/// A layer that cannot take its input, which rustc says in decimals: as if its input had the right rank.
fn misfit(layer: &TokenStream, rank: usize) -> TokenStream {
    let root = root();
    let shape = Shape { sizes: vec![Size::Literal(1); rank], tokens: TokenStream::new(), unread: false };
    let shape = self::shape(&shape);
    quote!(#root::Misfit<#layer, #shape>)
}

fn balanced(layers: &[TokenStream]) -> TokenStream {
    let root = root();
    match layers {
        [] => quote!(#root::Identity),
        [one] => one.clone(),
        many => {
            let (first, second) = many.split_at(many.len().div_ceil(2));
            let (first, second) = (balanced(first), balanced(second));
            quote!(#root::Then<#first, #second>)
        }
    }
}

/// The type that carries the constants of a `normalize`; the expansion of a named network declares it.
pub fn statistics(layer: &Layer) -> Ident {
    format_ident!("__CnnStatistics_{}", layer.accessor())
}

fn layer(layer: &Layer) -> TokenStream {
    let root = root();
    let layers = quote!(#root::layers);
    match &layer.operation {
        Operation::Conv(Conv { channels, windows, bias, .. }) => {
            let (windows, bias) = (windows_type(windows), bit(*bias));
            match channels {
                Channels::Out { out, groups } => {
                    let (out, groups) = (numeral(out), numeral(groups));
                    quote!(#layers::Conv<#out, #windows, #groups, #bias>)
                }
                Channels::Each(multiplier) => {
                    let multiplier = numeral(multiplier);
                    quote!(#layers::DepthwiseConv<#multiplier, #windows, #bias>)
                }
            }
        }
        Operation::ConvTranspose(ConvTranspose { out_channels, windows, output_padding, groups, bias, .. }) => {
            let (out, windows, groups, bias) =
                (numeral(out_channels), windows_type(windows), numeral(groups), bit(*bias));
            let output_padding = output_padding.iter().map(numeral);
            quote!(#layers::ConvTranspose<#out, #windows, (#(#output_padding,)*), #groups, #bias>)
        }
        Operation::Pool(Pool { reduce, windows, ceil, count_include_pad }) => {
            let windows = windows_type(windows);
            let rounding = if *ceil { quote!(#root::shape::Ceil) } else { quote!(#root::shape::Floor) };
            let count = bit(*count_include_pad);
            match reduce {
                Reduce::Max => quote!(#layers::MaxPool<#windows, #rounding>),
                Reduce::Average => quote!(#layers::AvgPool<#windows, #rounding, #count>),
            }
        }
        Operation::Linear { out_features, bias, .. } => {
            let (out, bias) = (numeral(out_features), bit(*bias));
            quote!(#layers::Linear<#out, #bias>)
        }
        Operation::Reshape(to) => {
            let to = shape(to);
            quote!(#layers::Reshape<#to>)
        }
        Operation::Lrn(Lrn { size, alpha, beta, k }) => {
            let (size, settings) = (numeral(size), bits(&[*alpha, *beta, *k]));
            quote!(#layers::Lrn<#size, #(#settings),*>)
        }
        Operation::Own(path) => quote!(#root::part::Part<#path>),
        Operation::Plain(Op::Normalize { .. }) => {
            let statistics = statistics(layer);
            quote!(#layers::Normalize<#statistics>)
        }
        Operation::Plain(op) => plain(op, &layers),
        Operation::Unread => unreachable!("only networks without mistakes are expanded"),
    }
}

fn plain(op: &Op, layers: &TokenStream) -> TokenStream {
    match op {
        Op::GlobalPool(Reduce::Average) => quote!(#layers::GlobalAvgPool),
        Op::GlobalPool(Reduce::Max) => quote!(#layers::GlobalMaxPool),
        Op::Flatten => quote!(#layers::Flatten),
        Op::Permute(Permutation { rank, axes }) => {
            let axes = axes[..*rank].iter().map(|axis| literal_numeral(*axis));
            quote!(#layers::Permute<(#(#axes,)*)>)
        }
        Op::Activation(own) => {
            let (name, settings) = activation(own);
            let settings = bits(&settings);
            if settings.is_empty() { quote!(#layers::#name) } else { quote!(#layers::#name<#(#settings),*>) }
        }
        Op::Prelu { per_channel } => {
            let per_channel = bit(*per_channel);
            quote!(#layers::Prelu<#per_channel>)
        }
        Op::Softmax => quote!(#layers::Softmax),
        Op::LogSoftmax => quote!(#layers::LogSoftmax),
        Op::BatchNorm(BatchNormOp { epsilon, momentum }) => {
            let settings = bits(&[*epsilon, *momentum]);
            quote!(#layers::BatchNorm<#(#settings),*>)
        }
        Op::Concat | Op::Add | Op::Heads => unreachable!("joins are written with their paths"),
        Op::Dropout(probability) => {
            let settings = bits(&[*probability]);
            quote!(#layers::Dropout<#(#settings),*>)
        }
        Op::Own(_) => unreachable!("a layer of a type of its own is that type"),
        Op::Normalize { .. } => unreachable!("its type has the name of the layer"),
        Op::Conv(_) | Op::ConvTranspose(_) | Op::Pool(_) | Op::Linear(_) | Op::Reshape(_) | Op::Lrn(_) => {
            unreachable!("these have sizes of their own")
        }
    }
}

/// Floats as const arguments: their bits, because floats are no const parameters.
fn bits(settings: &[f32]) -> Vec<u32> {
    settings.iter().map(|setting| setting.to_bits()).collect()
}

fn bit(value: bool) -> TokenStream {
    let root = root();
    if value { quote!(#root::B1) } else { quote!(#root::B0) }
}

fn windows_type(windows: &[WindowSizes]) -> TokenStream {
    let windows = windows.iter().map(window);
    quote!((#(#windows,)*))
}

/// `Window<K, S, P, Q, D>`; `same` and `full` become the numbers that they stand for.
fn window(window: &WindowSizes) -> TokenStream {
    let root = root();
    let (kernel, stride, dilation) = (numeral(&window.kernel), numeral(&window.stride), numeral(&window.dilation));
    let (before, after) = match &window.padding {
        PaddingSizes::Cells(before, after) => (numeral(before), numeral(after)),
        PaddingSizes::Same | PaddingSizes::Full => {
            let value = values::window(window);
            match window.known() {
                Some(window) => {
                    let [before, after] = window.pads();
                    (literal_numeral(before), literal_numeral(after))
                }
                None => (bits_of(&quote!(#value.pads()[0])), bits_of(&quote!(#value.pads()[1]))),
            }
        }
    };
    quote!(#root::shape::Window<#kernel, #stride, #before, #after, #dilation>)
}
