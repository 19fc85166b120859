//! The operations as constants: what the second voice checks and the tables are made from.

use convnet_shape::op::{BatchNormOp, Op, Permutation, Reduce};
use convnet_shape::options::{Options, Stored};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::expand::{activation, root};
use crate::model::{
    Channels, Conv, ConvTranspose, Layer, Lrn, Network, Operation, Output, PaddingSizes, Pool, Shape, Size, WindowSizes,
};

pub fn size(size: &Size) -> TokenStream {
    match size {
        Size::Literal(value) => quote!(#value),
        Size::Expression(expression) => quote!(#expression),
        Size::Any => unreachable!("`_` stands in outputs of generic networks, which have other checks"),
    }
}

/// `Dims::new(&[1, 28, 28])`.
pub fn dims(shape: &Shape) -> TokenStream {
    let (root, sizes) = (root(), shape.sizes.iter().map(size));
    quote!(#root::Dims::new(&[#(#sizes),*]))
}

/// The sizes of the output; of heads, how many values they have together.
pub fn output(output: &Output) -> TokenStream {
    match output {
        Output::One(shape) => dims(shape),
        Output::Heads { heads, .. } => {
            let (root, heads) = (root(), heads.iter().map(|(_, shape)| dims(shape)));
            quote!(#root::Dims::new(&[#(#heads.len())+*]))
        }
    }
}

/// `Options { … }`.
pub fn options(options: &Options) -> TokenStream {
    let root = root();
    if *options == Options::DEFAULT {
        return quote!(#root::Options::DEFAULT);
    }
    let Options { small, winograd, weights, bf16_products } = *options;
    let weights = match weights {
        Stored::F32 => quote!(F32),
        Stored::F16 => quote!(F16),
        Stored::Bf16 => quote!(Bf16),
        Stored::Int8 => quote!(Int8),
    };
    let weights = quote!(weights: #root::Stored::#weights);
    quote!(#root::Options { small: #small, winograd: #winograd, #weights, bf16_products: #bf16_products })
}

/// `[Layer { … }, …]`.
pub fn layers(network: &Network) -> TokenStream {
    let layers = network.layers.iter().map(layer);
    quote!([#(#layers),*])
}

fn layer(layer: &Layer) -> TokenStream {
    let (root, name, op) = (root(), &layer.name, op(layer));
    let asserted = optional(layer.assertion.as_ref().map(dims));
    let reads = layer.reads.values();
    let reads = quote!(#root::Reads::all(&[#(#reads),*]));
    quote!(#root::check::Layer { name: #name, op: #op, reads: #reads, asserted: #asserted })
}

fn op(layer: &Layer) -> TokenStream {
    let root = root();
    let op = quote!(#root::op);
    match &layer.operation {
        Operation::Conv(Conv { channels, windows, bias, in_channels }) => {
            let (rank, windows) = (windows.len(), three(windows));
            let channels = match channels {
                Channels::Out { out, groups } => {
                    let (out, groups) = (size(out), size(groups));
                    quote!(Out { out: #out, groups: #groups })
                }
                Channels::Each(multiplier) => {
                    let multiplier = size(multiplier);
                    quote!(Each(#multiplier))
                }
            };
            let in_channels = optional(in_channels.as_ref().map(size));
            quote!(#op::Op::Conv(#op::ConvOp {
                rank: #rank, channels: #op::Channels::#channels, windows: #windows, bias: #bias,
                in_channels: #in_channels,
            }))
        }
        Operation::ConvTranspose(ConvTranspose {
            out_channels,
            windows,
            output_padding,
            groups,
            bias,
            in_channels,
        }) => {
            let (rank, windows) = (windows.len(), three(windows));
            let (out_channels, groups) = (size(out_channels), size(groups));
            let zeros = (output_padding.len()..3).map(|_| 0_usize);
            let output_padding = output_padding.iter().map(size);
            let in_channels = optional(in_channels.as_ref().map(size));
            quote!(#op::Op::ConvTranspose(#op::ConvTransposeOp {
                rank: #rank, out_channels: #out_channels, windows: #windows,
                output_padding: [#(#zeros,)* #(#output_padding),*], groups: #groups, bias: #bias,
                in_channels: #in_channels,
            }))
        }
        Operation::Pool(Pool { reduce, windows, ceil, count_include_pad }) => {
            let (rank, windows) = (windows.len(), three(windows));
            let reduce = self::reduce(*reduce);
            let rounding = if *ceil { quote!(Ceil) } else { quote!(Floor) };
            quote!(#op::Op::Pool(#op::PoolOp {
                rank: #rank, reduce: #op::Reduce::#reduce, windows: #windows,
                rounding: #root::window::Rounding::#rounding, count_include_pad: #count_include_pad,
            }))
        }
        Operation::Linear { out_features, bias, in_features } => {
            let out_features = size(out_features);
            let in_features = optional(in_features.as_ref().map(size));
            quote!(#op::Op::Linear(#op::LinearOp {
                out_features: #out_features, bias: #bias, in_features: #in_features,
            }))
        }
        Operation::Reshape(to) => {
            let to = dims(to);
            quote!(#op::Op::Reshape(#to))
        }
        Operation::Lrn(Lrn { size, alpha, beta, k }) => {
            let size = self::size(size);
            quote!(#op::Op::Lrn(#op::LrnOp { size: #size, alpha: #alpha, beta: #beta, k: #k }))
        }
        Operation::Own(path) => {
            let keyword = path.to_token_stream().to_string().replace(' ', "");
            let stated = layer.assertion.as_ref().map(dims);
            quote!(#op::Op::Own(#root::part::own(
                #keyword,
                {
                    #[allow(unused_imports)]
                    use #root::part::NoNetwork as _;
                    #root::part::Probe::<#path>::DIMS
                },
                #stated
            )))
        }
        Operation::Plain(plain) => plain_op(&op, plain),
        Operation::Unread => unreachable!("only networks without mistakes are expanded"),
    }
}

fn plain_op(op: &TokenStream, plain: &Op) -> TokenStream {
    match plain {
        Op::GlobalPool(reduce) => {
            let reduce = self::reduce(*reduce);
            quote!(#op::Op::GlobalPool(#op::Reduce::#reduce))
        }
        Op::Flatten => quote!(#op::Op::Flatten),
        Op::Permute(Permutation { rank, axes }) => {
            quote!(#op::Op::Permute(#op::Permutation { rank: #rank, axes: [#(#axes),*] }))
        }
        Op::Activation(own) => {
            let (name, settings) = activation(own);
            let settings = if settings.is_empty() { quote!() } else { quote!((#(#settings),*)) };
            quote!(#op::Op::Activation(#op::Activation::#name #settings))
        }
        Op::Prelu { per_channel } => quote!(#op::Op::Prelu { per_channel: #per_channel }),
        Op::Softmax => quote!(#op::Op::Softmax),
        Op::LogSoftmax => quote!(#op::Op::LogSoftmax),
        Op::BatchNorm(BatchNormOp { epsilon, momentum }) => {
            quote!(#op::Op::BatchNorm(#op::BatchNormOp { epsilon: #epsilon, momentum: #momentum }))
        }
        Op::Normalize { mean, std } => quote!(#op::Op::Normalize { mean: &[#(#mean),*], std: &[#(#std),*] }),
        Op::Concat => quote!(#op::Op::Concat),
        Op::Add => quote!(#op::Op::Add),
        Op::Heads => quote!(#op::Op::Heads),
        Op::Own(_) => unreachable!("a layer of a type of its own is that type"),
        Op::Dropout(probability) => quote!(#op::Op::Dropout(#probability)),
        Op::Conv(_) | Op::ConvTranspose(_) | Op::Pool(_) | Op::Linear(_) | Op::Reshape(_) | Op::Lrn(_) => {
            unreachable!("these have sizes of their own")
        }
    }
}

fn reduce(reduce: Reduce) -> TokenStream {
    match reduce {
        Reduce::Max => quote!(Max),
        Reduce::Average => quote!(Average),
    }
}

fn optional(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// Depth, height, width; unit windows for the axes that are not there.
fn three(windows: &[WindowSizes]) -> TokenStream {
    let root = root();
    let units = (windows.len()..3).map(|_| quote!(#root::window::Window::UNIT));
    let windows = windows.iter().map(window);
    quote!([#(#units,)* #(#windows),*])
}

/// `Window { … }`.
pub fn window(window: &WindowSizes) -> TokenStream {
    let root = root();
    let (kernel, stride, dilation) = (size(&window.kernel), size(&window.stride), size(&window.dilation));
    let padding = match &window.padding {
        PaddingSizes::Cells(before, after) => {
            let (before, after) = (size(before), size(after));
            quote!(Cells(#before, #after))
        }
        PaddingSizes::Same => quote!(Same),
        PaddingSizes::Full => quote!(Full),
    };
    quote!(#root::window::Window {
        kernel: #kernel, stride: #stride, padding: #root::window::Padding::#padding, dilation: #dilation,
    })
}
