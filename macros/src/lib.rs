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
/// # Forms
///
/// As an item, a type of its own:
///
/// ```text
/// attributes visibility struct Name: [sizes] -> [sizes] with options { layers }
/// ```
///
/// The same with several outputs, which end it as [heads](#layers):
///
/// ```text
/// attributes visibility struct Name: [sizes] -> { name: [sizes], name: [sizes] } with options { layers }
/// ```
///
/// The same over a generic input size, and a name for it at one size, see [below](#generic-sizes):
///
/// ```text
/// attributes visibility struct Name<H, W>: [3, H, W] -> [sizes] with options { layers }
/// attributes visibility type Name = path::Network[224, 224];
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
///   `conv1.bias`. **`name as "features.0":`** gives it another name in files, **`"features.0":`** only that one. It may be neither the name of a method that every network has (`forward`, `params`, …) nor end in
///   `_mut`. A layer without a name is given one by its kind and the number of that kind so far, named ones counted:
///   `conv1`, `pool2`, `fc3`, `bn4`, `flatten1`, `relu1`, `softmax1`.
/// - **`=> [sizes]`** asserts the output of the layer.
///
/// A layer may also be a type, written as types are, with what it gives stated behind it, because no macro can see that:
///
/// - **`Backbone => [512, 7, 7]`**: a network that `cnn!` has declared. Its layers are layers of this one, and their names
///   begin with that of the layer: `features: Backbone => […]` has `features.conv1.weight`, and `net.features()` is the slice
///   of all its parameters.
/// - **`crate::layers::Scale => [64, 28, 28]`**: any type that implements `Layer` for the value before it. The module
///   `convnet::part` shows one.
///
/// Several layers may stand where one may:
///
/// - **`{ layers }`**: one behind the other. With a name, theirs begin with it: `features: { "0": conv2d(64, kernel = 3) }`
///   is `features.0.weight` in files, and `net.features_conv1()` here. With the name `""` in files, of a group or a block,
///   theirs are there as if it were not: `body as "": { … }`.
/// - **`concat { path, path, … }`**: paths side by side over one value, their channels in a row; `[C₁, H, W]` and
///   `[C₂, H, W]` → `[C₁ + C₂, H, W]`. A path is a layer, or `{ layers }`, or **`identity`**, the value as it is; there
///   are 2 to 8. PyTorch: `torch.cat`.
/// - **`add { path, path, … }`**: the same, added up value by value; all paths give one shape.
/// - **`heads { name: path, name: path, … }`**: the outputs of a network, 2 to 8 paths over one value, of any shapes. It stands
///   last. The output is a struct, `NameOutput`, with a field for each head, `output.boxes`; the network writes its fields
///   in place. A head may begin at an earlier layer, `early: { skip(conv3), … }`. A loss over several heads is one that
///   implements `Loss<NameOutput>`.
/// - **`skip(name)`** stands first in a path: the path begins with the output of the layer or group `name` further up in
///   the same row, in the place of the value before the join. The other path, one, goes on from there, as the decoder of
///   a U-Net does: `enc: { … }, …, concat { skip(enc), identity }`. Where skips overlap, one lies within the other.
/// - **`repeat 3 { layers }`**: the same layers three times, each time with parameters of their own. With a name their
///   names are `name.0.conv1`, `name.1.conv1`, …
/// - **`inception(64, 96, 128)`**: the layers of a block, see below. With a name, theirs begin with it; without, with
///   `inception1`.
///
/// The layers whose names end in `1d`, `2d` or `3d` go over sequences, images or volumes; they are written `…2d` below,
/// with the sizes of an image. Where a field is `k` or `(kh, kw)`, it is one size for all axes, or one for each: `(k,)`,
/// `(kh, kw)` or `(kd, kh, kw)`. Settings that are no sizes, such as `slope`, are numbers written out.
///
/// ## Convolutions
///
/// - **`conv2d(out_channels, kernel = k, …)`**: a convolution, `[C, H, W]` → `[out_channels, H', W']` with
///   H' = ⌊(H + p₀ + p₁ − d(k − 1) − 1) / s⌋ + 1. PyTorch: `nn.Conv2d(C, out_channels, kernel_size, …)`.
///   - `out_channels`: channels of the output, required; it may stand first without its name.
///   - `kernel`: k or (kh, kw), required. PyTorch: `kernel_size`.
///   - `stride`: s or (sh, sw), default 1.
///   - `padding`: zeros around the input, default 0, always less than the kernel covers: p on every side; (ph, pw);
///     by side, `((top, bottom), (left, right))`; `same`, as much as keeps the size at stride 1, the odd one at the end;
///     or `full`, d(k − 1) on every side.
///   - `dilation`: cells between two taps of the kernel, d or (dh, dw), default 1.
///   - `groups`: independent groups of channels, default 1; it divides the channels of the input and of the output.
///   - `bias`: `true` (default) or `false`.
///   - `in_channels`: the channels of the input, to be checked; inferred where it is left out.
/// - **`depthwise_conv2d(kernel = k, …)`**: kernels of their own for each channel, `[C, H, W]` →
///   `[C · multiplier, H', W']`. PyTorch: `nn.Conv2d(C, C * multiplier, kernel_size, groups=C)`.
///   - `multiplier`: kernels for each channel, default 1; it may stand first without its name.
///   - `kernel` (required), `stride`, `padding`, `dilation`, `bias`, `in_channels`: as for `conv2d`.
/// - **`separable_conv2d(out_channels, kernel = k, …)`**: two layers, `depthwise_conv2d` and a `conv2d` of 1×1, named
///   `conv1_depthwise` and `conv1_pointwise`; `[C, H, W]` → `[out_channels, H', W']`. Each has a bias, or none.
///   - `out_channels` and `kernel` (required), `stride`, `padding`, `dilation`, `multiplier`, `bias`, `in_channels`: as
///     for these.
/// - **`spatially_separable_conv2d(out_channels, kernel = k, …)`**: two layers, a `conv2d` of kh×1 and one of 1×kw, named
///   `conv1_column` and `conv1_row`; `[C, H, W]` → `[out_channels, H', W']`. Images only.
///   - `out_channels` and `kernel` (required), `stride`, `padding`, `dilation`, `groups`, `bias`, `in_channels`: as for
///     `conv2d`, each axis in the layer that goes along it, `groups` and `bias` in both.
/// - **`conv_transpose2d(out_channels, kernel = k, …)`**: a transposed convolution, `[C, H, W]` → `[out_channels, H', W']`
///   with H' = s(H − 1) + d(k − 1) + 1 − p₀ − p₁ + o. PyTorch: `nn.ConvTranspose2d`.
///   - `out_channels` and `kernel` (required), `stride`, `padding`, `dilation`, `groups`, `bias`, `in_channels`: as for
///     `conv2d`, of the convolution that this is the transpose of; padding is what is taken from the output.
///   - `output_padding`: cells added at the end of the output, o or (oh, ow), default 0; less than the stride or than
///     the dilation.
///
/// ## Pools
///
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
///
/// ## Vectors and shapes
///
/// - **`linear(out_features, …)`**: a fully connected layer, `[N]` → `[out_features]`. PyTorch: `nn.Linear(N,
///   out_features)`.
///   - `out_features`: values of the output, required; it may stand first without its name.
///   - `bias`: `true` (default) or `false`.
///   - `in_features`: the values of the input, to be checked; inferred where it is left out.
/// - **`flatten`**: a value as a vector, in the order it lies in memory, `[C, H, W]` → `[C · H · W]`. PyTorch:
///   `nn.Flatten()`.
/// - **`reshape([sizes])`**: the same values in the same order with other sizes; their product stays. PyTorch:
///   `nn.Unflatten`, `Tensor.reshape`.
///   - `sizes`: the sizes of the output, 1 to 4 in brackets, required; they may stand first without the name.
/// - **`permute([axes])`**: the axes in another order; `permute([1, 2, 0])` makes `[H, W, C]` of `[C, H, W]`. PyTorch:
///   `Tensor.permute`.
///   - `axes`: for each axis of the output which axis of the input it is, numbers from 0 up in brackets, each once,
///     required; they may stand first without the name.
///
/// ## Activations
///
/// Functions of each value x; the shape stays, any shape will do.
///
/// - **`relu`**: max(0, x). PyTorch: `nn.ReLU`.
/// - **`leaky_relu(slope)`**: x where x > 0, slope · x elsewhere. PyTorch: `nn.LeakyReLU`.
///   - `slope`: default 0.01; it may stand without its name. PyTorch: `negative_slope`.
/// - **`prelu`**: the same with a slope that is learned. PyTorch: `nn.PReLU`.
///   - `per_channel`: `true` for a slope for each channel, `false` (default) for one for all.
/// - **`elu(alpha)`**: x where x > 0, α(eˣ − 1) elsewhere. PyTorch: `nn.ELU`.
///   - `alpha`: α, default 1.0; it may stand without its name.
/// - **`selu`**: λ · ELU with α ≈ 1.6733 and λ ≈ 1.0507. PyTorch: `nn.SELU`.
/// - **`gelu`**: x Φ(x), Φ the normal distribution. PyTorch: `nn.GELU`.
/// - **`silu`**: x / (1 + e⁻ˣ). PyTorch: `nn.SiLU`.
/// - **`relu6`**: min(max(x, 0), 6). PyTorch: `nn.ReLU6`.
/// - **`clamp(low, high)`**: min(max(x, low), high). PyTorch: `nn.Hardtanh`.
///   - `low`, `high`: the bounds, required; they may stand without their names.
/// - **`hard_swish`**: x · min(max(x + 3, 0), 6) / 6. PyTorch: `nn.Hardswish`.
/// - **`tanh`**, **`sigmoid`**: tanh x and 1 / (1 + e⁻ˣ). PyTorch: `nn.Tanh`, `nn.Sigmoid`.
/// - **`softmax`**, **`log_softmax`**: probabilities, or their logarithms, over the features of a vector, and over the
///   channels at each position of anything else. PyTorch: `nn.Softmax(dim=1)`, `nn.LogSoftmax(dim=1)`.
///
/// ## Normalisation
///
/// The shape stays, any shape will do; the features of a vector are its channels.
///
/// - **`batch_norm`**: γ(x − mean) / √(var + ε) + β of each channel; in files `bn1.weight` (γ), `bn1.bias` (β),
///   `bn1.running_mean` and `bn1.running_var`. PyTorch: `nn.BatchNorm2d`.
///   - `epsilon`: ε, more than 0, default 1e-5. PyTorch: `eps`.
///   - `momentum`: the share of a new batch in the running statistics, from 0 to 1, default 0.1.
/// - **`lrn(size, …)`**: x / (k + α/n Σ x²)^β, the sum over n neighbouring channels. PyTorch: `nn.LocalResponseNorm`.
///   - `size`: n, at least 1, required; it may stand first without its name.
///   - `alpha`: α, default 1e-4. `beta`: β, default 0.75. `k`: more than 0, default 1.0.
/// - **`normalize(mean = [numbers], std = [numbers])`**: (x − mean) / std of each channel, with constants. In networks with
///   a name only. torchvision: `transforms.Normalize`.
///   - `mean`, `std`: a number for each channel, in brackets, required; deviations are more than 0.
/// - **`dropout(probability)`**: loses values while training. PyTorch: `nn.Dropout`.
///   - `probability`: of losing a value, from 0 up to, not including, 1; required, it may stand without its name.
///
/// # Blocks
///
/// ```text
/// block name(parameters) { layers }
/// ```
///
/// stands before the network and is a part of the language from there on: `name(values)` means its layers, with the values
/// in the place of the parameters, in order or as `parameter = value`. Blocks may use blocks.
///
/// A `cnn!` of nothing but blocks, `cnn! { pub block name(parameters) { layers } }`, declares them for others: behind a
/// **`use path::name;`** at the beginning of their declaration, in the same crate or in another.
///
/// # Generic sizes
///
/// Type parameters of a network are sizes of its input, each standing there alone: `struct Backbone<H, W>: [3, H, W] -> …`. They
/// need no bounds. Sizes of layers are not generic; those of the output may be written with the parameters, `[64, H / 4, W / 4]`,
/// or left open as `_`, and so may those behind `=>`. The declaration is refused where no size fits.
///
/// - **`cnn!(type Big = Backbone[224, 224]);`** is the network at one size, checked as if it were declared with it; mistakes are
///   told at the sizes. `Backbone<U224, U224>` with typenum's numerals is the same type.
/// - A function over all sizes has one bound: `fn run<H, W>(net: &Backbone<H, W>) where Backbone<H, W>: Network`.
/// - Values at its door are `Tensor`s, which `Tensor::from_value(&chw)` makes of others without a copy; heads are fields of
///   `NameOutput`. It has no methods for the parameters of single layers, and no types as layers.
///
/// # Options
///
/// Between commas behind `with`, in any order: `with strict, memory = small, weights = bf16`.
///
/// - **`strict`**: an error where the floor in H' loses cells of the input, which no window looks at.
///
/// The others are about the packed parameters of inference, [`prepare()`](#what-is-generated) and `embed!`, and leave shapes,
/// training and files as they are. Where the network is a layer of another one, the options of that one hold.
///
/// - **`memory = small`**: no algorithm that enlarges packed weights, as Winograd's does: `PREPARED_BYTES` stays about the
///   size of the parameters. Networks that `embed!` puts into the program are packed so anyway.
/// - **`winograd = off`**: convolutions are direct sums. Without it those of 3×3 may be computed by Winograd's algorithm,
///   which multiplies less and rounds more.
/// - **`weights = bf16`**, **`f16`**, **`int8`** or **`f32`** (default): how the packed weights of linear layers are
///   stored, which with one sample run at the speed at which memory delivers them. Sums are `f32` all the same. `bf16` is also for
///   convolutions that are direct sums over sixteen channels or a multiple (`LayerInfo::algorithm` is `direct`); the weights of other
///   convolutions, which are read once and used at every position, stay `f32`.
///   - `bf16`: 16 bits, the 8 bits of precision and the range of an `f32`'s upper half.
///   - `f16`: 16 bits, 11 bits of precision, up to 65504. PyTorch: `.half()`, of the weights alone.
///   - `int8`: 8 bits, from −127 to 127, and a scale for each output channel.
/// - **`products = bf16`** or **`f32`** (default): these convolutions multiply bf16 by bf16 where the CPU has instructions for
///   it (AVX512-BF16), twice as fast: weights and inputs are rounded to 8 bits of precision, sums stay `f32`. Other CPUs
///   round the weights alone.
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
/// - `quantize(&samples)`: the same in whole numbers, `Quantized<Name>`.
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
/// `Prepared<LeNet5>` whose parameters lie in the read-only data of the program at a 64-byte boundary: no file, no heap and no
/// start-up work at run time.
///
/// ```ignore
/// static NET: Prepared<LeNet5> = embed!(LeNet5, "lenet5.safetensors");
/// ```
///
/// - **the network**: any type that is a network, `LeNet5`, `Large`.
/// - **the path**: in quotes, relative to the source file that it stands in, as with `include_bytes!`. A change of the file
///   triggers a rebuild.
/// - **`vectors`**, if wanted: the file's test vectors are embedded too, for `NET.verify(1e-4)`.
///
/// Two kinds of files are told apart by how they begin:
///
/// | file | made by | up to | while the program is compiled |
/// |---|---|---|---|
/// | safetensors, values of type `F32`, `F16` or `BF16` | `net.save(…)`, PyTorch | 8 MiB | rustc puts the values in order and packs them: a second a megabyte, a few if values are narrow in the file or packed |
/// | packed | `net.pack_to(…)`, the example `pack` | what the target can address | the file goes into the program as it is, 60 MB in a second |
///
/// Everything about the file is checked at compile time, and every mistake is an error at the path that says which tensor and
/// which numbers: a file that is missing, truncated or not of its format; tensors that are missing, unexpected, of another
/// shape or of a type that is not read; a packed file that is damaged, of another version, for another network, or stale
/// because the declaration has changed since. Test vectors are the tensors `test.input`, `[n, …]`, and `test.output`, `[n, …]`, of a
/// safetensors file (left out where they are not asked for), or come with a packed one.
///
/// ```ignore
/// static NET: Prepared<Vgg16> = embed!(Vgg16, "vgg16.convnet", vectors);
///
/// #[test]
/// fn the_network_is_the_one_that_was_trained() {
///     NET.verify(1e-4).unwrap();
/// }
/// ```
///
/// A packed file stands in a `static` or in a function, not in a `const`: its address is the linker's. A crate that forbids unsafe
/// code may embed either.
#[proc_macro]
pub fn embed(input: TokenStream) -> TokenStream {
    embed::embed(input.into()).into()
}
