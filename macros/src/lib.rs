//! The compiler behind `cnn!`: a declaration of a network in, a statically typed chain of layers out.
//!
//! Stages, each a function from one value to the next, in a file of its name:
//!
//! | stage | from → to |
//! |---|---|
//! | `parse` | tokens → `ast`: what is written, with the user's tokens, no judgement |
//! | `resolve` | ast → `model`: keywords looked up, fields found, defaults filled in |
//! | `check` | names and generics |
//! | `infer` | model → facts: shapes, by `convnet_shape`, and the mistakes in them |
//! | `expand` | model and facts → code that names paths and computes nothing |
//!
//! Mistakes are pushed into a `report::Report`; where there are any, `fallback` emits a skeleton of the type, so
//! that the rest of the crate still compiles and only the mistakes are shown.
#![forbid(unsafe_code)]

mod ast;
mod check;
mod embed;
mod expand;
mod fallback;
mod infer;
mod message;
mod model;
mod parse;
mod report;
mod resolve;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Declares a network: its layers in order, the sizes that go in, the sizes that come out.
///
/// Every size in between is computed and checked while the program is compiled. What does not fit is an error at the
/// number that is wrong, with what would fit.
///
/// # Two forms
///
/// As an item, a type of its own:
///
/// ```text
/// attributes visibility struct Name: [sizes] -> [sizes] with options { layers }
/// ```
///
/// In the place of a type, a network without a name, `Sequential<…>`; its output is whatever its layers give:
///
/// ```text
/// cnn!([sizes] with options -> layers)
/// ```
///
/// Braces and parentheses around a call mean the same. `with options` is left out where there are none. Attributes, doc
/// comments and derives of a struct (`Clone`, `Debug`) are passed through, and its documentation ends with the table of its
/// layers.
///
/// # Sizes
///
/// - A shape is `[N]`, a vector; `[C, L]`, a sequence; `[C, H, W]`, an image; or `[C, D, H, W]`, a volume or a video. The
///   batch is not a part of it.
/// - A size is a whole number, `28`, `0x1c` or `1_000`, or a constant expression of type `usize`: `CLASSES`, `2 * WIDTH`,
///   `consts::half(SIDE)`, `{ … }`. It is at least 1 and at most 2²⁴ − 1, and a tensor has at most 2³¹ − 1 values.
/// - The mistakes that expressions make are found by rustc when it evaluates them; they read the same, underline the whole
///   layer, and begin with `evaluation panicked:`.
/// - Sizes that are generic parameters of the network are out of reach on stable Rust: use constants, or build a chain by
///   hand that is generic over its input size (see `Layer`).
///
/// # Layers
///
/// Layers stand between commas; the last comma may be left out. A layer is
///
/// ```text
/// name: layer(value, field = value, …) => [sizes]
/// ```
///
/// of which only the word `layer` must be there, and the fields that it requires. The first value needs no name.
///
/// - **`name:`** names the layer: `net.conv1()` gives its parameters, and files have them as `conv1.weight` and
///   `conv1.bias`. It may be neither the name of a method that every network has (`forward`, `params`, …) nor end in
///   `_mut`. A layer without a name is given one by its kind and the number of that kind so far, named ones counted:
///   `conv1`, `pool2`, `fc3`, `flatten1`, `relu1`, `bn1`, `softmax1`, `dropout1`.
/// - **`=> [sizes]`** asserts the output of the layer.
///
/// Keywords that end in `2d` below have relatives in `1d`, for sequences `[C, L]`, and `3d`, for volumes `[C, D, H, W]`.
/// Where a field is `k` or `(kh, kw)`, it is one size for all spatial axes, or one for each: one in 1D, three in 3D.
///
/// - **`conv2d(out_channels, kernel = k, …)`**: a convolution, `[C, H, W]` → `[out_channels, H', W']` with
///   H' = ⌊(H + p₀ + p₁ − d(k − 1) − 1) / s⌋ + 1. PyTorch: `nn.Conv2d(C, out_channels, kernel_size, …)`.
///   - `out_channels`: channels of the output, required; it may stand first without its name.
///   - `kernel`: k or (kh, kw), required. PyTorch: `kernel_size`.
///   - `stride`: s or (sh, sw), default 1.
///   - `padding`: zeros around the input, default 0, always less than the kernel covers: p on every side; (ph, pw);
///     by side, `((top, bottom), (left, right))`, in 1D `((before, after),)`; `same`, as much as keeps the size at stride
///     1, the odd one at the end; or `full`, d(k − 1) on every side.
///   - `dilation`: cells between two taps of the kernel, d or (dh, dw), default 1.
///   - `groups`: independent groups of channels, default 1; it divides the channels of the input and of the output.
///   - `bias`: `true` (default) or `false`.
///   - `in_channels`: the channels of the input, to be checked; inferred where it is left out.
/// - **`depthwise_conv2d(kernel, …)`**: a convolution of each channel by itself, `[C, H, W]` → `[C · multiplier, H', W']`.
///   PyTorch: `nn.Conv2d` with `groups = C`.
///   - `kernel`: required; it may stand first without its name.
///   - `multiplier`: kernels for each channel, default 1.
///   - `stride`, `padding`, `dilation`, `bias`, `in_channels`: as for `conv2d`.
/// - **`conv_transpose2d(out_channels, kernel = k, …)`**: the transpose of a convolution, `[C, H, W]` →
///   `[out_channels, H', W']` with H' = s(H − 1) + d(k − 1) + 1 − p₀ − p₁ + output padding. PyTorch: `nn.ConvTranspose2d`.
///   - `output_padding`: cells added at the end of the output, default 0, less than the stride or the dilation.
///   - the other fields: as for `conv2d`.
/// - **`max_pool2d(kernel, …)`**: the largest value under a window, `[C, H, W]` → `[C, H', W']`. PyTorch: `nn.MaxPool2d`.
///   - `kernel`: k or (kh, kw), required; it may stand first without its name.
///   - `stride`: s or (sh, sw), default: the kernel.
///   - `padding`, `dilation`: as for `conv2d`; padding is never the largest value.
///   - `ceil`: `true` lets the last window hang over the edge, default `false`. PyTorch: `ceil_mode`.
/// - **`avg_pool2d(kernel, …)`**: the mean under a window, `[C, H, W]` → `[C, H', W']`. PyTorch: `nn.AvgPool2d`.
///   - `kernel`, `stride`, `padding`, `ceil`: as for `max_pool2d`.
///   - `count_include_pad`: whether padding counts in the divisor, default `true`.
/// - **`global_avg_pool`**, **`global_max_pool`**: the mean or the largest value of each channel, `[C, …]` → `[C]`.
///   PyTorch: `nn.AdaptiveAvgPool2d(1)` or `nn.AdaptiveMaxPool2d(1)`, and `nn.Flatten()`.
/// - **`linear(out_features, …)`**: a fully connected layer, `[N]` → `[out_features]`. PyTorch: `nn.Linear(N,
///   out_features)`.
///   - `out_features`: values of the output, required; it may stand first without its name.
///   - `bias`: `true` (default) or `false`.
///   - `in_features`: the values of the input, to be checked; inferred where it is left out.
/// - **`flatten`**: a value as a vector, in the order it lies in memory, `[C, H, W]` → `[C · H · W]`. PyTorch:
///   `nn.Flatten()`.
/// - **`reshape([sizes])`**: the same values in the same order with other sizes. PyTorch: `nn.Unflatten`.
/// - **`permute([axes])`**: the axes in another order, counted from 0: `permute([2, 1, 0])` is `[C, H, W]` → `[W, H, C]`.
///   PyTorch: `Tensor.permute`.
/// - **`relu`**, **`relu6`**, **`tanh`**, **`sigmoid`**, **`selu`**, **`gelu`**, **`silu`**, **`hard_swish`**: a function of each
///   value; the shape stays. PyTorch: `nn.ReLU()`, `nn.ReLU6()`, …
/// - **`leaky_relu(slope)`**: default slope 0.01. PyTorch: `nn.LeakyReLU`. **`elu(alpha)`**: default α 1. PyTorch: `nn.ELU`.
///   **`clamp(low = …, high = …)`**. PyTorch: `nn.Hardtanh`. Settings that are no sizes are written as numbers.
/// - **`prelu`**: a leaky ReLU whose slope is learned. PyTorch: `nn.PReLU`.
///   - `per_channel`: `true` for a slope of each channel, default `false`.
/// - **`softmax`**, **`log_softmax`**: probabilities, or their logarithms, of the features of a vector, or of the channels
///   at each position; the shape stays. PyTorch: `nn.Softmax(dim=1)`, `nn.LogSoftmax(dim=1)`.
/// - **`lrn(size, …)`**: local response normalisation, y = x / (k + α/n Σ x²)^β over n = `size` channels; the shape stays.
///   PyTorch: `nn.LocalResponseNorm`.
///   - `alpha`: default 1e-4. `beta`: default 0.75. `k`: default 1.
/// - **`batch_norm`**: batch normalisation; the shape stays. Its tensors are `weight`, `bias`, `running_mean` and
///   `running_var`. PyTorch: `nn.BatchNorm2d`.
///   - `epsilon`: default 1e-5. `momentum`: the share of a new batch in the running statistics, default 0.1.
/// - **`dropout(probability)`**: loses values while training; the shape stays. PyTorch: `nn.Dropout`.
///   - `probability`: of losing a value, from 0 up to, not including, 1; a number, required, without its name.
///
/// # Options
///
/// - **`strict`**: an error where the floor in H' loses cells of the input, which no window looks at.
///
/// # What is generated
///
/// For an item, beside the struct, an implementation of `Network` and, so that the trait need not be imported:
///
/// - constants: `INPUT`, `OUTPUT`, `PARAMS`, `MACS`, `SCRATCH_BYTES`, `PREPARED_BYTES`, `TRAIN_BYTES` and `LAYERS`. A budget
///   is an assertion in a constant.
/// - `init(seed)`, `load(path)`, `from_bytes(file)`: a network with random parameters, or those of a safetensors file;
///   `save(path)`, `to_bytes()`.
/// - `forward(&input)`, `forward_batch(&inputs)`, `forward_into(&input, &mut output, &mut scratch)` and `scratch()`. Values at
///   the door are `Flat<N>`, `Cl<C, L>`, `Chw<C, H, W>` and `Cdhw<C, D, H, W>`; an output above 16 KiB is boxed.
/// - `prepare()`: the network for inference alone, `Prepared<Name>`.
/// - `summary()`: the table of layers, to be printed; `scratch_bytes(batch, threads)`.
/// - `params()` and `params_mut()`: all parameters in a row; and for each layer `conv1` that has some `conv1()` and
///   `conv1_mut()`: its weight and bias as nested arrays.
///
/// What needs a heap needs the feature `alloc`, what reads or writes files the feature `safetensors`.
///
/// In the place of a type, `Sequential` has `PARAMS`, `MACS`, `SCRATCH_BYTES`, `init`, `forward`, `forward_into` and `prepare`, on
/// `Tensor`s; its layers have the names of PyTorch's `nn.Sequential`, `0.weight`.
///
/// # Errors
///
/// All mistakes that do not depend on each other are shown at once, each at the tokens that are wrong, and the rest of the
/// crate is checked as if the network were right. For instance:
///
/// ```text
/// error: `conv2` does not fit: a 5x5 kernel on a [6, 4, 4] input (padding 0); the kernel may be at most 4x4, or add `padding = 1`
///  --> src/main.rs:7:37
///   |
/// 7 |         conv2: conv2d(16, kernel = 5), relu,
///   |                                    ^
/// ```
///
/// # Example
///
/// ```ignore
/// use convnet::{Chw, Flat, cnn};
///
/// const CLASSES: usize = 10;
///
/// cnn! {
///     /// LeNet-5 for 28×28 grayscale digits.
///     #[derive(Clone)]
///     pub struct LeNet5: [1, 28, 28] -> [CLASSES] {
///         conv1: conv2d(6, kernel = 5, padding = 2), relu,
///         max_pool2d(2),
///         conv2: conv2d(16, kernel = 5), relu,
///         max_pool2d(2) => [16, 5, 5],
///         flatten,
///         fc1: linear(120), relu,
///         fc2: linear(84), relu,
///         dropout(0.5),
///         fc3: linear(CLASSES),
///     }
/// }
///
/// // A budget is a line of Rust.
/// const _: () = assert!(LeNet5::PARAMS == 61_706 && LeNet5::SCRATCH_BYTES <= 32 * 1024);
///
/// // A network without a name, with braces.
/// type Stem = cnn! { [3, 227, 227] -> conv2d(96, kernel = 11, stride = 4), relu };
///
/// let net = LeNet5::init(1);
/// let scores: Flat<10> = net.forward(&Chw::zeros());
/// let first_kernel: &[[f32; 5]; 5] = &net.conv1().weight()[0][0];
/// println!("{}", LeNet5::summary());
/// ```
#[proc_macro]
pub fn cnn(input: TokenStream) -> TokenStream {
    expand::cnn(input.into()).into()
}

/// Puts the weights of a network into the program: `embed!(LeNet5, "lenet5.safetensors")` is a
/// `Prepared<LeNet5>`, packed while the program is compiled.
///
/// The path is relative to the source file that it stands in, as with `include_bytes!`, and a change of the file
/// triggers a rebuild. Names, shapes and types of its tensors are held against the architecture at compile time: a
/// file that is missing, truncated or foreign, and tensors that are missing, unexpected, of another shape or of
/// another type than `F32` are errors at the path. Weights made so lie in the read-only data of the program at a
/// 64-byte boundary: no file, no heap and no start-up work at run time. Made for files up to about 8 MB.
///
/// ```ignore
/// static NET: Prepared<LeNet5> = embed!(LeNet5, "lenet5.safetensors");
/// ```
#[proc_macro]
pub fn embed(input: TokenStream) -> TokenStream {
    embed::embed(input.into()).into()
}
