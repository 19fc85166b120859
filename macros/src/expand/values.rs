//! The operations as constants: what the second voice checks and the tables are made from.

use convnet_shape::op::{Activation, BatchNormOp, LrnOp, Op, Permutation, Reduce};
use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::root;
use crate::model::{
    ChannelSizes, Conv, ConvTranspose, Layer, Network, Operation, PaddingSizes, Pool, Shape, Size, WindowSizes,
};

pub fn size(size: &Size) -> TokenStream {
    match size {
        Size::Literal(value) => quote!(#value),
        Size::Expression(expression) => quote!(#expression),
    }
}

/// `Dims::new(&[1, 28, 28])`.
pub fn dims(shape: &Shape) -> TokenStream {
    let (root, sizes) = (root(), shape.sizes.iter().map(size));
    quote!(#root::Dims::new(&[#(#sizes),*]))
}

/// `[Layer { … }, …]`.
pub fn layers(network: &Network) -> TokenStream {
    let layers = network.layers.iter().map(layer);
    quote!([#(#layers),*])
}

fn layer(layer: &Layer) -> TokenStream {
    let (root, name, op) = (root(), &layer.name, op(&layer.operation));
    let asserted = optional(layer.assertion.as_ref().map(dims));
    quote!(#root::check::Layer { name: #name, op: #op, asserted: #asserted })
}

fn op(operation: &Operation) -> TokenStream {
    let root = root();
    let op = quote!(#root::op);
    match operation {
        Operation::Conv(Conv { channels, windows, bias, in_channels }) => {
            let (rank, windows) = (windows.len(), three(windows));
            let channels = match channels {
                ChannelSizes::Out { out, groups } => {
                    let (out, groups) = (size(out), size(groups));
                    quote!(Out { out: #out, groups: #groups })
                }
                ChannelSizes::Each(multiplier) => {
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
        Operation::ConvTranspose(conv) => {
            let ConvTranspose { out_channels, windows, output_padding, groups, bias, in_channels } = conv;
            let (rank, windows) = (windows.len(), three(windows));
            let (out_channels, groups) = (size(out_channels), size(groups));
            let zeros = (rank..3).map(|_| quote!(0));
            let output_padding = output_padding.iter().map(size);
            let in_channels = optional(in_channels.as_ref().map(size));
            quote!(#op::Op::ConvTranspose(#op::ConvTransposeOp {
                rank: #rank, out_channels: #out_channels, windows: #windows,
                output_padding: [#(#zeros,)* #(#output_padding),*], groups: #groups, bias: #bias,
                in_channels: #in_channels,
            }))
        }
        Operation::Reshape(shape) => {
            let dims = dims(shape);
            quote!(#op::Op::Reshape(#dims))
        }
        Operation::Pool(Pool { reduce, windows, ceil, count_include_pad }) => {
            let (rank, windows) = (windows.len(), three(windows));
            let reduce = match reduce {
                Reduce::Max => quote!(Max),
                Reduce::Average => quote!(Average),
            };
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
        Operation::Plain(plain) => plain_op(&op, plain),
        Operation::Unread => unreachable!("only networks without mistakes are expanded"),
    }
}

fn plain_op(op: &TokenStream, plain: &Op) -> TokenStream {
    let plain = match plain {
        Op::GlobalPool(Reduce::Max) => quote!(GlobalPool(#op::Reduce::Max)),
        Op::GlobalPool(Reduce::Average) => quote!(GlobalPool(#op::Reduce::Average)),
        Op::Flatten => quote!(Flatten),
        Op::Permute(Permutation { rank, axes }) => {
            quote!(Permute(#op::Permutation { rank: #rank, axes: [#(#axes),*] }))
        }
        Op::Activation(activation) => {
            let activation = self::activation(activation);
            quote!(Activation(#op::Activation::#activation))
        }
        Op::Prelu { per_channel } => quote!(Prelu { per_channel: #per_channel }),
        Op::Softmax => quote!(Softmax),
        Op::LogSoftmax => quote!(LogSoftmax),
        Op::Lrn(LrnOp { size, alpha, beta, k }) => {
            quote!(Lrn(#op::LrnOp { size: #size, alpha: #alpha, beta: #beta, k: #k }))
        }
        Op::BatchNorm(BatchNormOp { epsilon, momentum }) => {
            quote!(BatchNorm(#op::BatchNormOp { epsilon: #epsilon, momentum: #momentum }))
        }
        Op::Dropout(probability) => quote!(Dropout(#probability)),
        _ => unreachable!("these have sizes of their own, or no keyword"),
    };
    quote!(#op::Op::#plain)
}

fn activation(activation: &Activation) -> TokenStream {
    match activation {
        Activation::Relu => quote!(Relu),
        Activation::LeakyRelu(slope) => quote!(LeakyRelu(#slope)),
        Activation::Elu(alpha) => quote!(Elu(#alpha)),
        Activation::Selu => quote!(Selu),
        Activation::Gelu => quote!(Gelu),
        Activation::Silu => quote!(Silu),
        Activation::Clamp(low, high) => quote!(Clamp(#low, #high)),
        Activation::HardSwish => quote!(HardSwish),
        Activation::Tanh => quote!(Tanh),
        Activation::Sigmoid => quote!(Sigmoid),
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
