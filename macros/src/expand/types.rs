//! Sizes, shapes and chains as types.

use convnet_shape::dims::Dims;
use convnet_shape::op::{Activation, BatchNormOp, LrnOp, Op, Permutation, Reduce};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::expand::{root, values};
use crate::infer::Facts;
use crate::model::{
    ChannelSizes, Conv, ConvTranspose, Network, Operation, PaddingSizes, Pool, Shape, Size, WindowSizes,
};

/// Bits of a size that is an expression; `convnet_shape::dims::MAX_SIZE` is the largest they hold.
const BITS: u32 = 24;

/// A size as a typenum numeral, `UInt<UInt<UTerm, B1>, B0>`.
fn numeral(size: &Size) -> TokenStream {
    match size {
        Size::Literal(value) => literal_numeral(*value),
        Size::Expression(expression) => bits_of(&quote!(#expression)),
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

/// `Chw<C, H, W>` and its relatives: the value at the door.
pub fn value(shape: &Shape) -> TokenStream {
    let sizes = shape.sizes.iter().map(|size| match size {
        Size::Literal(value) => quote!(#value),
        Size::Expression(expression) => quote!({ #expression }),
    });
    let name = format_ident!("{}", ["Flat", "Cl", "Chw", "Cdhw"][shape.sizes.len() - 1]);
    quote!(::convnet::#name<#(#sizes),*>)
}

/// Whether an output of these sizes is returned by value: up to 16 KiB.
pub fn by_value(output: &Dims) -> bool {
    output.len() <= 16 * 1024 / size_of::<f32>()
}

/// The layers as a balanced tree of `Then`.
pub fn chain(network: &Network, facts: &Facts) -> TokenStream {
    let layers = network.layers.iter().zip(&facts.misfits).map(|(layer, misfit)| {
        let layer = self::layer(&layer.operation);
        misfit.map_or(layer.clone(), |rank| self::misfit(&layer, rank))
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
        [one] => one.clone(),
        many => {
            let (first, second) = many.split_at(many.len().div_ceil(2));
            let (first, second) = (balanced(first), balanced(second));
            quote!(#root::Then<#first, #second>)
        }
    }
}

fn layer(operation: &Operation) -> TokenStream {
    let root = root();
    let layers = quote!(#root::layers);
    match operation {
        Operation::Conv(Conv { channels, windows, bias, .. }) => {
            let (windows, bias) = (windows_type(windows), bit(*bias));
            match channels {
                ChannelSizes::Out { out, groups } => {
                    let (out, groups) = (numeral(out), numeral(groups));
                    quote!(#layers::Conv<#out, #windows, #groups, #bias>)
                }
                ChannelSizes::Each(multiplier) => {
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
        Operation::Reshape(shape) => {
            let shape = self::shape(shape);
            quote!(#layers::Reshape<#shape>)
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
        Operation::Plain(op) => {
            let plain = plain(op);
            quote!(#layers::#plain)
        }
        Operation::Unread => unreachable!("only networks without mistakes are expanded"),
    }
}

fn plain(op: &Op) -> TokenStream {
    match op {
        Op::GlobalPool(Reduce::Max) => quote!(GlobalMaxPool),
        Op::GlobalPool(Reduce::Average) => quote!(GlobalAvgPool),
        Op::Flatten => quote!(Flatten),
        Op::Permute(Permutation { rank, axes }) => {
            let axes = axes[..*rank].iter().map(|axis| literal_numeral(*axis));
            quote!(Permute<(#(#axes,)*)>)
        }
        Op::Activation(activation) => self::activation(activation),
        Op::Prelu { per_channel } => {
            let per_channel = bit(*per_channel);
            quote!(Prelu<#per_channel>)
        }
        Op::Softmax => quote!(Softmax),
        Op::LogSoftmax => quote!(LogSoftmax),
        Op::Lrn(LrnOp { size, alpha, beta, k }) => {
            let (size, settings) = (literal_numeral(*size), bits(&[*alpha, *beta, *k]));
            quote!(Lrn<#size, #settings>)
        }
        Op::BatchNorm(BatchNormOp { epsilon, momentum }) => {
            let settings = bits(&[*epsilon, *momentum]);
            quote!(BatchNorm<#settings>)
        }
        Op::Dropout(probability) => {
            let probability = bits(&[*probability]);
            quote!(Dropout<#probability>)
        }
        _ => unreachable!("these have sizes of their own, or no keyword"),
    }
}

fn activation(activation: &Activation) -> TokenStream {
    let with = |name: TokenStream, settings: &[f32]| {
        let settings = bits(settings);
        quote!(#name<#settings>)
    };
    match activation {
        Activation::Relu => quote!(Relu),
        Activation::LeakyRelu(slope) => with(quote!(LeakyRelu), &[*slope]),
        Activation::Elu(alpha) => with(quote!(Elu), &[*alpha]),
        Activation::Selu => quote!(Selu),
        Activation::Gelu => quote!(Gelu),
        Activation::Silu => quote!(Silu),
        Activation::Clamp(low, high) => with(quote!(Clamp), &[*low, *high]),
        Activation::HardSwish => quote!(HardSwish),
        Activation::Tanh => quote!(Tanh),
        Activation::Sigmoid => quote!(Sigmoid),
    }
}

/// Settings that are floats, as the bits that const parameters can hold.
fn bits(settings: &[f32]) -> TokenStream {
    let bits = settings.iter().map(|setting| setting.to_bits());
    quote!(#(#bits),*)
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
