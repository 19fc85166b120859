//! The gradients that training computes, against central differences of the textbook operations in f64.
//!
//! A network's loss is L(θ, x). Backward gives ∂L/∂θ and ∂L/∂x in f32 on the working path; here each parameter and each
//! input is moved by ±h in f64 and (L(θ + h) − L(θ − h)) / 2h must be the same. The only thing the two sides
//! share is the architecture.
#![cfg(feature = "train")]

#[path = "support/interpreter.rs"]
mod interpreter;
#[path = "support/numbers.rs"]
mod numbers;

use convnet::arena::Floats;
use convnet::ops::reference;
use convnet::train::{CrossEntropy, Loss, MeanSquaredError, Sgd, Trainer};
use convnet::{Network, cnn};

use numbers::numbers;

/// How far a parameter is moved. The error is about h² from the cut series and 10⁻¹⁶ / h from rounding.
const H: f64 = 1e-6;

/// What may be lacking to the difference, of the largest in the tensor.
const TOLERANCE: f64 = 1e-4;

/// Samples in the batch: more than one, so that layouts with a batch are tested.
const BATCH: usize = 3;

/// A loss that the test can compute in f64.
trait Checked<N: Network>: Loss<N::Output> + Default {
    fn targets() -> Vec<Self::Target>;
    fn wide(outputs: &[f64], targets: &[Self::Target]) -> f64;
}

impl<N: Network> Checked<N> for MeanSquaredError {
    fn targets() -> Vec<N::Output> {
        values(&numbers(3, BATCH * N::Output::LEN))
    }

    fn wide(outputs: &[f64], targets: &[N::Output]) -> f64 {
        reference::mean_squared_error(outputs, &wide(Floats::flatten(targets)), &mut vec![0.0; outputs.len()])
    }
}

impl<N: Network> Checked<N> for CrossEntropy
where
    CrossEntropy: Loss<N::Output, Target = usize>,
{
    fn targets() -> Vec<usize> {
        (0..BATCH).map(|n| (2 * n + 1) % N::Output::LEN).collect()
    }

    fn wide(outputs: &[f64], targets: &[usize]) -> f64 {
        reference::cross_entropy(outputs.len() / BATCH, outputs, targets, &mut vec![0.0; outputs.len()])
    }
}

fn values<V: Floats>(floats: &[f32]) -> Vec<V> {
    let value = |floats: &[f32]| {
        let mut value = V::zeroed();
        value.as_floats_mut().copy_from_slice(floats);
        value
    };
    floats.chunks_exact(V::LEN).map(value).collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|x| f64::from(*x)).collect()
}

/// Compares all gradients of a network, with those for the input.
fn check<N, L>(what: &str)
where
    N: Network,
    N::Chain: convnet::Layer<N::Shape, Fits = convnet::typenum::B1>,
    L: Checked<N>,
{
    let architecture = N::ARCHITECTURE;
    let input = numbers(2, BATCH * N::Input::LEN);
    let (inputs, targets): (Vec<N::Input>, _) = (values(&input), <L as Checked<N>>::targets());
    let mut grad_inputs: Vec<N::Input> = values(&vec![9.0; input.len()]);

    let mut trainer = Trainer::new(N::init(5), L::default(), Sgd::default(), BATCH + 2, 7).unwrap();
    let loss = trainer.backward(&inputs, &targets, Some(&mut grad_inputs)).unwrap();

    let (mut params, mut input) = (wide(trainer.net().params()), wide(&input));
    let wide_loss = |params: &[f64], input: &[f64]| {
        let seed = |layer| trainer.dropout_seed(layer);
        <L as Checked<N>>::wide(&interpreter::forward(architecture, BATCH, params, input, Some(&seed)), &targets)
    };
    let expected = wide_loss(&params, &input);
    assert!((f64::from(loss) - expected).abs() < 1e-5 * expected.max(1.0), "{what}: loss {loss}, expected {expected}");

    let differences = differences(&mut input, |input| wide_loss(&params, input));
    assert_close(&format!("{what}, input"), Floats::flatten(&grad_inputs), &differences);
    let differences = self::differences(&mut params, |params| wide_loss(params, &input));
    for tensor in architecture.tensors {
        let range = tensor.offset..tensor.offset + tensor.len();
        if tensor.name.contains(".running_") {
            assert!(trainer.gradients()[range].iter().all(|grad| *grad == 0.0), "{what}: statistics are not learned");
            continue;
        }
        let name = format!("{what}, {}", tensor.name);
        assert_close(&name, &trainer.gradients()[range.clone()], &differences[range]);
    }
}

/// (f(x + h eᵢ) − f(x − h eᵢ)) / 2h for every i.
fn differences(x: &mut [f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut differences = Vec::new();
    for i in 0..x.len() {
        let here = x[i];
        let mut at = |moved| {
            x[i] = moved;
            f(x)
        };
        let (above, below) = (at(here + H), at(here - H));
        at(here);
        differences.push((above - below) / (2.0 * H));
    }
    differences
}

#[track_caller]
fn assert_close(what: &str, got: &[f32], expected: &[f64]) {
    let largest = expected.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
    assert!(largest > 1e-4, "{what}: all gradients are about 0, nothing is tested");
    for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
        let difference = (f64::from(*got) - expected).abs();
        assert!(difference <= TOLERANCE * largest, "{what}[{i}]: {got}, expected {expected}");
    }
    assert_eq!(got.len(), expected.len(), "{what}");
}

/// One test for each network: its name, the losses, the declaration.
macro_rules! gradients {
    ($($(#[$attribute:meta])* $name:ident, $($loss:ident)|+: [$($network:tt)+];)+) => {$(
        $(#[$attribute])*
        #[test]
        fn $name() {
            type Net = cnn!($($network)+);
            $(check::<Net, $loss>(stringify!($name));)+
        }
    )+};
}

gradients! {
    linear, MeanSquaredError | CrossEntropy: [[5] -> linear(4)];
    linear_without_bias, MeanSquaredError | CrossEntropy: [[5] -> linear(7, bias = false), tanh, linear(3, bias = false)];

    conv, MeanSquaredError: [[2, 5, 4] -> conv2d(3, kernel = 3)];
    conv_stride, MeanSquaredError: [[2, 7, 6] -> conv2d(3, kernel = 3, stride = 2)];
    conv_padding, MeanSquaredError: [[2, 4, 5] -> conv2d(3, kernel = 3, padding = 1)];
    conv_full_padding, MeanSquaredError: [[1, 4, 4] -> conv2d(2, kernel = 3, padding = full)];
    conv_dilation, MeanSquaredError: [[2, 7, 6] -> conv2d(2, kernel = 3, dilation = 2)];
    conv_groups, MeanSquaredError: [[4, 5, 5] -> conv2d(6, kernel = 3, groups = 2)];
    conv_depthwise, MeanSquaredError: [[3, 5, 5] -> conv2d(6, kernel = 3, padding = 1, groups = 3)];
    conv_pointwise, MeanSquaredError: [[3, 4, 4] -> conv2d(5, kernel = 1)];
    conv_without_bias, MeanSquaredError: [[2, 5, 5] -> conv2d(3, kernel = 2, bias = false)];
    conv_everything_at_once, MeanSquaredError:
        [[4, 9, 8] -> conv2d(4, kernel = (3, 2), stride = (2, 1), padding = (2, 1), dilation = (1, 2), groups = 2)];
    conv_behind_conv, MeanSquaredError:
        [[2, 6, 6] -> conv2d(3, kernel = 3, padding = 1), relu, conv2d(2, kernel = 3, stride = 2)];

    max_pool, MeanSquaredError: [[2, 6, 6] -> conv2d(2, kernel = 1), max_pool2d(2)];
    max_pool_overlapping, MeanSquaredError: [[2, 7, 7] -> conv2d(2, kernel = 1), max_pool2d(3, stride = 2)];
    max_pool_ceil, MeanSquaredError: [[2, 6, 8] -> conv2d(2, kernel = 1), max_pool2d(3, stride = 2, ceil = true)];
    max_pool_padding, MeanSquaredError: [[2, 5, 5] -> conv2d(2, kernel = 1), max_pool2d(3, stride = 2, padding = 1)];
    max_pool_first, MeanSquaredError: [[2, 6, 6] -> max_pool2d(2), conv2d(2, kernel = 2)];
    avg_pool, MeanSquaredError: [[2, 6, 6] -> conv2d(2, kernel = 1), avg_pool2d(2)];
    avg_pool_overlapping, MeanSquaredError: [[2, 7, 7] -> conv2d(2, kernel = 1), avg_pool2d(3, stride = 2)];
    avg_pool_ceil_padding, MeanSquaredError:
        [[2, 6, 8] -> conv2d(2, kernel = 1), avg_pool2d(3, stride = 2, padding = 1, ceil = true)];
    avg_pool_padding_not_counted, MeanSquaredError:
        [[2, 5, 5] -> conv2d(2, kernel = 1), avg_pool2d(3, stride = 2, padding = 1, count_include_pad = false)];
    global_avg_pool, MeanSquaredError | CrossEntropy: [[2, 4, 3] -> conv2d(4, kernel = 2), tanh, global_avg_pool];

    relu, MeanSquaredError | CrossEntropy: [[6] -> linear(8), relu, linear(3)];
    tanh, MeanSquaredError | CrossEntropy: [[6] -> linear(8), tanh, linear(3)];
    sigmoid, MeanSquaredError | CrossEntropy: [[6] -> linear(8), sigmoid, linear(3)];
    activation_last, MeanSquaredError: [[6] -> linear(4), sigmoid];
    /// Nothing may be written over the caller's input.
    activation_first, MeanSquaredError | CrossEntropy: [[6] -> tanh, linear(4)];
    activation_first_of_conv, MeanSquaredError: [[2, 5, 5] -> sigmoid, conv2d(2, kernel = 3), relu];
    /// Two in a row: only the first may be done as the linear layer stores.
    activation_behind_activation, MeanSquaredError: [[6] -> linear(8), sigmoid, tanh, linear(3)];
    flatten_first, MeanSquaredError | CrossEntropy: [[2, 3, 2] -> flatten, linear(4)];
    softmax, MeanSquaredError | CrossEntropy: [[6] -> linear(4), softmax];
    softmax_in_the_middle, MeanSquaredError: [[6] -> linear(4), softmax, linear(3)];

    dropout, MeanSquaredError | CrossEntropy: [[6] -> linear(12), dropout(0.5), linear(4)];
    dropout_first, MeanSquaredError: [[8] -> dropout(0.25), linear(4)];
    dropout_twice, MeanSquaredError: [[6] -> linear(12), dropout(0.2), relu, dropout(0.3), linear(4)];
    dropout_last, MeanSquaredError: [[6] -> linear(12), dropout(0.2)];
    /// Backward of tanh needs its own output, not what dropout has made of it.
    dropout_behind_tanh, MeanSquaredError | CrossEntropy: [[6] -> linear(12), tanh, dropout(0.4), linear(4)];
    dropout_behind_tanh_last, MeanSquaredError: [[6] -> linear(12), tanh, dropout(0.4)];
    dropout_behind_flatten, MeanSquaredError:
        [[2, 4, 4] -> conv2d(3, kernel = 3), sigmoid, flatten, dropout(0.4), linear(4)];

    conv1d, MeanSquaredError: [[2, 9] -> conv1d(3, kernel = 3, stride = 2, padding = ((1, 0),))];
    conv3d, MeanSquaredError: [[2, 3, 4, 4] -> conv3d(2, kernel = (2, 3, 3), padding = (0, 1, 1))];
    depthwise_multiplier, MeanSquaredError: [[2, 5, 5] -> depthwise_conv2d(2, kernel = 3)];
    separable, MeanSquaredError: [[3, 5, 5] -> separable_conv2d(4, kernel = 3, padding = same)];
    spatially_separable, MeanSquaredError: [[2, 5, 5] -> spatially_separable_conv2d(3, kernel = 3)];
    conv_transpose1d, MeanSquaredError: [[2, 5] -> conv_transpose1d(3, kernel = 4, stride = 2, padding = 1)];
    conv_transpose2d, MeanSquaredError:
        [[4, 3, 4] -> conv2d(4, kernel = 1), conv_transpose2d(2, kernel = 3, stride = 2, output_padding = 1, groups = 2)];
    conv_transpose3d, MeanSquaredError: [[1, 2, 3, 2] -> conv_transpose3d(2, kernel = 2, stride = 2)];
    max_pool1d, MeanSquaredError: [[2, 8] -> conv1d(2, kernel = 1), max_pool1d(3, stride = 2, dilation = 2)];
    avg_pool3d, MeanSquaredError: [[1, 4, 4, 4] -> conv3d(2, kernel = 1), avg_pool3d(2)];
    global_max_pool, MeanSquaredError: [[2, 4, 3] -> conv2d(4, kernel = 2), global_max_pool];

    leaky_relu, MeanSquaredError: [[6] -> linear(8), leaky_relu(0.1), linear(3)];
    leaky_relu_negative, MeanSquaredError: [[6] -> linear(8), leaky_relu(-0.5), linear(3)];
    prelu, MeanSquaredError: [[2, 4, 4] -> conv2d(3, kernel = 2), prelu];
    prelu_per_channel, MeanSquaredError: [[2, 4, 4] -> conv2d(3, kernel = 2), prelu(per_channel = true), conv2d(2, kernel = 2)];
    elu, MeanSquaredError: [[6] -> linear(8), elu(0.7), linear(3)];
    selu, MeanSquaredError: [[6] -> linear(8), selu, linear(3)];
    gelu, MeanSquaredError: [[6] -> linear(8), gelu, linear(3)];
    silu, MeanSquaredError: [[6] -> linear(8), silu, linear(3)];
    relu6, MeanSquaredError: [[6] -> linear(8), relu6, linear(3)];
    clamp, MeanSquaredError: [[6] -> linear(8), clamp(-0.2, 0.3), linear(3)];
    hard_swish, MeanSquaredError: [[6] -> linear(8), hard_swish, linear(3)];
    log_softmax, MeanSquaredError: [[6] -> linear(4), log_softmax];
    softmax_over_channels, MeanSquaredError: [[2, 3, 3] -> conv2d(3, kernel = 2), softmax];

    lrn, MeanSquaredError: [[2, 3, 3] -> conv2d(6, kernel = 1), lrn(3, alpha = 0.5, beta = 0.75, k = 2.0)];
    lrn_even, MeanSquaredError: [[6, 3, 3] -> lrn(4, alpha = 0.5), conv2d(2, kernel = 1)];
    batch_norm, MeanSquaredError: [[2, 3, 3] -> conv2d(3, kernel = 2, bias = false), batch_norm, relu, conv2d(2, kernel = 1)];
    batch_norm_of_a_vector, MeanSquaredError: [[4] -> linear(5, bias = false), batch_norm(epsilon = 0.1), linear(2)];
    permute, MeanSquaredError: [[2, 3, 4] -> conv2d(3, kernel = 1), permute([2, 0, 1]), conv2d(2, kernel = 2)];
    reshape, MeanSquaredError: [[2, 3, 4] -> reshape([4, 6]), conv1d(2, kernel = 3), reshape([8]), linear(2)];

    concat, MeanSquaredError:
        [[2, 5, 5] -> concat { conv2d(3, kernel = 1), { conv2d(2, kernel = 3, padding = 1), relu }, identity }, conv2d(2, kernel = 2)];
    concat_of_everything, MeanSquaredError:
        [[2, 4, 4] -> conv2d(3, kernel = 1), tanh, concat { identity, { max_pool2d(3, stride = 1, padding = 1), batch_norm }, gelu }];
    add, MeanSquaredError:
        [[3, 4, 4] -> add { identity, { conv2d(3, kernel = 3, padding = 1), relu } }, relu, flatten, linear(2)];
    add_to_itself, MeanSquaredError: [[2, 3, 3] -> conv2d(2, kernel = 1), add { identity, identity, sigmoid }];
    residual_block, MeanSquaredError: [[2, 6, 6] -> conv2d(4, kernel = 1), relu, add {
        { conv2d(4, kernel = 3, stride = 2, padding = 1, bias = false), batch_norm, relu, conv2d(4, kernel = 3, padding = 1, bias = false), batch_norm },
        { conv2d(4, kernel = 1, stride = 2, bias = false), batch_norm },
    }, relu, global_avg_pool];
    branches_within_branches, MeanSquaredError:
        [[2, 4, 4] -> concat { concat { identity, relu }, add { conv2d(4, kernel = 1), concat { tanh, identity } } }];
    skips, MeanSquaredError: [[1, 6, 6] -> outer: { conv2d(2, kernel = 3, padding = 1), relu }, max_pool2d(2),
        inner: conv2d(3, kernel = 1), conv2d(3, kernel = 3, padding = 1), relu, add { skip(inner), identity },
        conv_transpose2d(2, kernel = 2, stride = 2), concat { skip(outer), identity }];

    small_classifier, CrossEntropy: [[1, 8, 8] ->
        conv2d(2, kernel = 3, padding = 1), relu, max_pool2d(2), conv2d(3, kernel = 3), relu, flatten, dropout(0.3),
        linear(6), tanh, linear(4)
    ];
}

/// Each layer of the language that is not above, once, under its keyword; behind a convolution or a linear layer where it
/// learns nothing itself.
mod keywords {
    use super::*;

    gradients! {
        conv1d, MeanSquaredError: [[2, 9] -> conv1d(3, kernel = 3, stride = 2, padding = 1)];
        conv3d, MeanSquaredError: [[2, 3, 4, 3] -> conv3d(2, kernel = 2)];
        depthwise_conv1d, MeanSquaredError: [[2, 7] -> depthwise_conv1d(2, kernel = 3)];
        depthwise_conv2d, MeanSquaredError: [[2, 5, 5] -> depthwise_conv2d(2, kernel = 3, stride = 2)];
        depthwise_conv3d, MeanSquaredError: [[2, 3, 3, 3] -> depthwise_conv3d(kernel = 2)];
        separable_conv1d, MeanSquaredError: [[2, 7] -> separable_conv1d(3, kernel = 3)];
        separable_conv2d, MeanSquaredError: [[2, 5, 5] -> separable_conv2d(3, kernel = 3)];
        separable_conv3d, MeanSquaredError: [[2, 3, 3, 3] -> separable_conv3d(3, kernel = 2)];
        spatially_separable_conv2d, MeanSquaredError: [[2, 5, 5] -> spatially_separable_conv2d(3, kernel = 3)];
        conv_transpose1d, MeanSquaredError: [[2, 4] -> conv_transpose1d(3, kernel = 3, stride = 2)];
        conv_transpose2d, MeanSquaredError:
            [[4, 3, 3] -> conv_transpose2d(6, kernel = 3, stride = 2, padding = 1, output_padding = 1, groups = 2)];
        conv_transpose3d, MeanSquaredError: [[2, 2, 2, 2] -> conv_transpose3d(2, kernel = 2)];

        max_pool1d, MeanSquaredError: [[2, 9] -> conv1d(2, kernel = 1), max_pool1d(3, stride = 2)];
        max_pool3d, MeanSquaredError: [[2, 4, 4, 4] -> conv3d(2, kernel = 1), max_pool3d(2)];
        avg_pool1d, MeanSquaredError: [[2, 9] -> conv1d(2, kernel = 1), avg_pool1d(3, stride = 2)];
        avg_pool3d, MeanSquaredError: [[2, 4, 4, 4] -> conv3d(2, kernel = 1), avg_pool3d(2)];
        global_max_pool, MeanSquaredError | CrossEntropy: [[2, 4, 3] -> conv2d(4, kernel = 2), global_max_pool];
        reshape, MeanSquaredError: [[2, 4, 3] -> conv2d(4, kernel = 1), reshape([3, 4, 4]), conv2d(2, kernel = 2)];
        permute, MeanSquaredError: [[2, 4, 3] -> conv2d(4, kernel = 1), permute([2, 0, 1]), conv2d(2, kernel = 2)];

        leaky_relu, MeanSquaredError | CrossEntropy: [[6] -> linear(8), leaky_relu(0.1), linear(3)];
        prelu, MeanSquaredError | CrossEntropy: [[6] -> linear(8), prelu, linear(3)];
        prelu_per_channel, MeanSquaredError: [[2, 4, 4] -> conv2d(3, kernel = 2), prelu(per_channel = true)];
        elu, MeanSquaredError | CrossEntropy: [[6] -> linear(8), elu, linear(3)];
        selu, MeanSquaredError | CrossEntropy: [[6] -> linear(8), selu, linear(3)];
        gelu, MeanSquaredError | CrossEntropy: [[6] -> linear(8), gelu, linear(3)];
        silu, MeanSquaredError | CrossEntropy: [[6] -> linear(8), silu, linear(3)];
        relu6, MeanSquaredError | CrossEntropy: [[6] -> linear(8), relu6, linear(3)];
        clamp, MeanSquaredError | CrossEntropy: [[6] -> linear(8), clamp(-0.3, 0.4), linear(3)];
        hard_swish, MeanSquaredError | CrossEntropy: [[6] -> linear(8), hard_swish, linear(3)];
        log_softmax, MeanSquaredError | CrossEntropy: [[6] -> linear(8), log_softmax, linear(3)];
        lrn, MeanSquaredError: [[2, 4, 4] -> conv2d(4, kernel = 2), lrn(3, alpha = 0.5)];
        batch_norm, MeanSquaredError: [[2, 4, 4] -> conv2d(4, kernel = 2, bias = false), batch_norm];
    }

    /// Constants stand in networks with a name only.
    #[test]
    fn normalize() {
        cnn! {
            struct Net: [2, 3, 3] -> [3] {
                normalize(mean = [0.1, -0.2], std = [0.5, 2.0]),
                conv2d(3, kernel = 2),
                global_avg_pool,
            }
        }
        check::<Net, CrossEntropy>("normalize");
        check::<Net, MeanSquaredError>("normalize");
    }
}

/// Declared with a name, values at the door.
#[test]
fn a_declared_network() {
    cnn! {
        struct Net: [1, 6, 6] -> [3] {
            conv: conv2d(2, kernel = 3), tanh,
            pool: avg_pool2d(2),
            flatten,
            fc: linear(3),
        }
    }
    check::<Net, CrossEntropy>("declared");
    check::<Net, MeanSquaredError>("declared");
}

/// Several outputs, one of them read by another layer as well, and one that begins earlier.
#[test]
fn heads() {
    cnn! {
        struct Net: [2, 5, 5] -> { map: [2, 3, 3], scores: [4], early: [3, 4, 4], square: [3, 4, 4] } {
            first: conv2d(3, kernel = 2), tanh,
            conv2d(2, kernel = 2),
            heads {
                map: identity,
                scores: { sigmoid, flatten, linear(4) },
                early: skip(first),
                square: { skip(first), gelu },
            },
        }
    }
    check::<Net, MeanSquaredError>("heads");
}

/// Hand-built, other ranks among them.
#[test]
fn hand_built_chains() {
    use convnet::layers::{AvgPool1d, Conv1d, Conv3d, Flatten, GlobalAvgPool, Linear, MaxPool3d, Relu, Tanh};
    use convnet::shape::{Seq, Volume, Window};
    use convnet::typenum::{U1, U2, U3, U4, U5, U9};
    use convnet::{Sequential, chain};

    type Audio = Sequential<
        Seq<U2, U9>,
        chain![Conv1d<U3, Window<U3, U2, U1>>, Tanh, AvgPool1d<Window<U2, U1>>, Flatten, Linear<U4>],
    >;
    check::<Audio, CrossEntropy>("audio");
    check::<Audio, MeanSquaredError>("audio");

    type Video = Sequential<
        Volume<U1, U4, U5, U5>,
        chain![Conv3d<U4, Window<U2>, Window<U3>>, Relu, MaxPool3d<Window<U2, U1>>, GlobalAvgPool],
    >;
    check::<Video, CrossEntropy>("video");
    check::<Video, MeanSquaredError>("video");
}

/// The layers beyond the first dozen, hand-built: each with something before it and behind it that learns.
#[test]
fn layers_of_the_whole_set() {
    use convnet::layers::{
        BatchNorm, ChannelStatistics, Clamp, Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d,
        DepthwiseConv2d, Elu, Flatten, Gelu, GlobalMaxPool, HardSwish, LeakyRelu, Linear, LogSoftmax, Lrn, Normalize,
        Permute, Prelu, Relu, Reshape, Selu, Silu, Softmax, Tanh,
    };
    use convnet::shape::{Image, Seq, Volume, Window};
    use convnet::typenum::{B0, B1, U0, U1, U2, U3, U4, U5, U6};
    use convnet::{Sequential, chain};

    type Same3 = Window<U3, U1, U1>;
    struct Statistics;
    impl ChannelStatistics for Statistics {
        const MEAN: &'static [f32] = &[0.1, -0.2];
        const STD: &'static [f32] = &[0.5, 2.0];
    }

    const fn bits(x: f32) -> u32 {
        x.to_bits()
    }

    /// Checks a layer between a convolution, without a bias that a batch normalisation would take away, and a classifier.
    macro_rules! between {
        ($($what:literal: $($layer:ty),+;)+) => {$(
            type Net = Sequential<
                Image<U2, U4, U5>,
                chain![Conv2d<U4, Same3, Same3, U1, B0>, $($layer),+, Flatten, Linear<U3>],
            >;
            check::<Net, CrossEntropy>($what);
            check::<Net, MeanSquaredError>($what);
        )+};
    }
    {
        between! { "leaky_relu": LeakyRelu<{ bits(0.1) }>; }
    }
    {
        between! { "elu": Elu<{ bits(0.7) }>; }
    }
    {
        between! { "elu that needs its input": Elu<{ bits(-0.7) }>; }
    }
    {
        between! { "selu": Selu; }
    }
    {
        between! { "gelu": Gelu; }
    }
    {
        between! { "gelu, silu, relu": Gelu, Silu, Relu; }
    }
    {
        between! { "clamp": Clamp<{ bits(-0.3) }, { bits(0.4) }>; }
    }
    {
        between! { "hard_swish": HardSwish; }
    }
    {
        between! { "prelu": Prelu; }
    }
    {
        between! { "prelu per channel, behind tanh": Tanh, Prelu<B1>; }
    }
    {
        between! { "softmax over channels": Softmax; }
    }
    {
        between! { "log_softmax over channels": LogSoftmax; }
    }
    {
        between! { "lrn": Lrn<U3, { bits(0.5) }, { bits(0.75) }, { bits(1.0) }>; }
    }
    {
        between! { "lrn of an even size": Lrn<U2, { bits(0.5) }, { bits(0.6) }, { bits(2.0) }>; }
    }
    {
        between! { "batch_norm": BatchNorm; }
    }
    {
        between! { "batch_norm and relu": BatchNorm, Relu; }
    }
    {
        between! { "relu, batch_norm, gelu": Relu, BatchNorm<{ bits(0.01) }>, Gelu; }
    }
    {
        between! { "permute": Permute<(U2, U0, U1)>; }
    }
    {
        between! { "reshape": Reshape<Image<U4, U5, U4>>, Conv2d<U3, Window<U2>>; }
    }
    {
        between! { "depthwise": DepthwiseConv2d<U2, Window<U3, U2, U1>>; }
    }
    {
        between! { "transposed": ConvTranspose2d<U6, Window<U3, U2, U1>, Window<U2>, (U1, U0), U2>; }
    }

    type First = Sequential<Image<U2, U3, U3>, chain![Normalize<Statistics>, Conv2d<U3, Window<U2>>, GlobalMaxPool]>;
    check::<First, CrossEntropy>("normalize, global_max_pool");
    type Up = Sequential<Seq<U2, U4>, chain![ConvTranspose1d<U3, Window<U3, U2>>, Relu, Conv1d<U2, Window<U2>>]>;
    check::<Up, MeanSquaredError>("transposed, 1D");
    type Solid = Sequential<Volume<U2, U2, U2, U3>, chain![ConvTranspose3d<U2, Window<U2>>, Relu, Flatten, Linear<U3>]>;
    check::<Solid, CrossEntropy>("transposed, 3D");
}

/// The convolution of a 3×3 input with a 2×2 kernel, its gradients worked out by hand.
///
/// ```text
///     | 1 2 3 |       | 1 2 |       | 1·1+2·2+4·3+5·4 = 37   2·1+3·2+5·3+6·4 = 47 |
/// I = | 4 5 6 |   K = | 3 4 |   O = | 4·1+5·2+7·3+8·4 = 67   5·1+6·2+8·3+9·4 = 77 |
///     | 7 8 9 |
///
/// ∂L/∂O = G = |  1 2 |, given by a mean squared error against T = O − 2 G: 2/4 (O − T) = G
///             | -1 3 |
///
/// ∂L/∂K = I ∗ G, as ∂O₁₁/∂K₁₁ = I₁₁ and so on:
///     | 1·1+2·2−4·1+5·3 = 16   2·1+3·2−5·1+6·3 = 21 |
///     | 4·1+5·2−7·1+8·3 = 31   5·1+6·2−8·1+9·3 = 36 |
///
/// ∂L/∂I is the full convolution of G with K turned by 180°, | 4 3 |, G in a border of zeros:
///                                                           | 2 1 |
///     | 1·1            1·2+2·1             2·2     |   |  1   4   4 |
///     | 1·3−1·1        1·4+2·3−1·2+3·1     2·4+3·2 | = |  2  11  14 |
///     | −1·3           −1·4+3·3            3·4     |   | −3   5  12 |
/// ```
#[test]
fn three_by_three_with_two_by_two_by_hand() {
    cnn! {
        struct Hand: [1, 3, 3] -> [1, 2, 2] {
            conv: conv2d(1, kernel = 2, bias = false),
        }
    }
    let mut net = Hand::init(0);
    *net.conv_mut().weight = [[[[1.0, 2.0], [3.0, 4.0]]]];
    let input = convnet::Chw([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]);
    assert_eq!(net.forward(&input).0, [[[37.0, 47.0], [67.0, 77.0]]]);

    let target = convnet::Chw([[[37.0 - 2.0, 47.0 - 4.0], [67.0 + 2.0, 77.0 - 6.0]]]);
    let mut trainer = Trainer::new(net, MeanSquaredError, Sgd::default(), 1, 0).unwrap();
    let mut grad_input = [convnet::Chw::zeros()];
    let loss = trainer.backward(&[input], &[target], Some(&mut grad_input)).unwrap();

    assert_eq!(loss, (4.0 + 16.0 + 4.0 + 36.0) / 4.0);
    assert_eq!(trainer.gradients(), [16.0, 21.0, 31.0, 36.0]);
    assert_eq!(grad_input[0].0, [[[1.0, 4.0, 4.0], [2.0, 11.0, 14.0], [-3.0, 5.0, 12.0]]]);
}
