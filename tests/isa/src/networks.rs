//! Whole networks, canonical and prepared, one input and a batch, against the interpreter of their layers in f64.
//!
//! They run on what kernels choose by themselves. What kernels do not see alone is here: blocked and plain layouts meeting,
//! branches joined in place, batch normalisation folded, activations between layers, scratch as planned.

use convnet::arena::Floats;
use convnet::simd::Isa;
use convnet::{Network, cnn};

use crate::interpreter;
use crate::numbers::numbers;
use crate::suite::Suite;

cnn! {
    struct LeNet5: [1, 28, 28] -> [10] {
        conv2d(6, kernel = 5, padding = 2), tanh, avg_pool2d(2),
        conv2d(16, kernel = 5), relu, max_pool2d(2),
        flatten,
        linear(120), sigmoid, linear(84), relu, linear(10), softmax,
    }
}

cnn! {
    block inception(c1, r3, c3, r5, c5, proj) {
        concat {
            { conv2d(c1, kernel = 1), relu },
            { conv2d(r3, kernel = 1), relu, conv2d(c3, kernel = 3, padding = 1), relu },
            { conv2d(r5, kernel = 1), relu, conv2d(c5, kernel = 5, padding = 2), relu },
            { max_pool2d(3, stride = 1, padding = 1), conv2d(proj, kernel = 1), relu },
        }
    }

    struct Inception: [3, 29, 29] -> [10] {
        conv2d(16, kernel = 7, stride = 2, padding = 3), relu,
        max_pool2d(3, stride = 2, ceil = true),
        lrn(5),
        conv2d(48, kernel = 3, padding = 1), relu,
        inception(16, 24, 32, 4, 8, 8),
        inception(17, 16, 33, 5, 7, 9),
        global_avg_pool,
        linear(10),
    }
}

cnn! {
    struct Separable: [3, 21, 27] -> [7] {
        conv2d(16, kernel = 3, stride = 2, padding = 1, bias = false), batch_norm, relu6,
        depthwise_conv2d(kernel = 3, padding = 1, bias = false), batch_norm, relu6,
        conv2d(33, kernel = 1, bias = false), batch_norm, hard_swish,
        depthwise_conv2d(kernel = 5, stride = 2, padding = 2, multiplier = 2), silu,
        conv2d(24, kernel = 1, groups = 3), prelu(per_channel = true),
        global_max_pool,
        linear(7), log_softmax,
    }
}

cnn! {
    block residual(channels) {
        add {
            {
                conv2d(channels, kernel = 3, padding = 1, bias = false), batch_norm, relu,
                conv2d(channels, kernel = 3, padding = 1, bias = false), batch_norm,
            },
            identity,
        },
        relu,
    }

    block down(channels) {
        add {
            {
                conv2d(channels, kernel = 3, stride = 2, padding = 1, bias = false), batch_norm, relu,
                conv2d(channels, kernel = 3, padding = 1, bias = false), batch_norm,
            },
            { conv2d(channels, kernel = 1, stride = 2, bias = false), batch_norm },
        },
        relu,
    }

    struct Residual: [3, 32, 32] -> [10] {
        conv2d(16, kernel = 3, padding = 1, bias = false), batch_norm, relu,
        residual(16), residual(16),
        down(32), residual(32),
        down(40),
        global_avg_pool,
        linear(10),
    }
}

cnn! {
    struct UNet: [2, 24, 20] -> [3, 24, 20] {
        enc1: { conv2d(12, kernel = 3, padding = 1), relu, conv2d(16, kernel = 3, padding = 1), leaky_relu(0.1) },
        concat {
            skip(enc1),
            {
                max_pool2d(2),
                conv2d(32, kernel = 3, padding = 2, dilation = 2), elu,
                conv_transpose2d(16, kernel = 2, stride = 2), batch_norm, relu,
            },
        },
        conv2d(16, kernel = 3, padding = 1), gelu,
        conv2d(3, kernel = 1), softmax,
    }
}

cnn! {
    struct Sound: [1, 800] -> [5] {
        conv1d(32, kernel = 17, stride = 4), batch_norm, relu, max_pool1d(4),
        conv1d(32, kernel = 3, dilation = 3), selu, avg_pool1d(3, padding = 1),
        conv1d(48, kernel = 3), batch_norm, relu,
        global_avg_pool,
        linear(5),
    }
}

cnn! {
    struct Video: [3, 6, 14, 14] -> [9] {
        conv3d(16, kernel = 3, padding = 1), relu, max_pool3d((1, 2, 2)),
        conv3d(33, kernel = 3, padding = 1), relu, max_pool3d(2),
        flatten,
        linear(64), relu, linear(9),
    }
}

pub fn check(suite: &mut Suite) {
    check_one::<LeNet5>(suite);
    check_one::<Inception>(suite);
    check_one::<Separable>(suite);
    check_one::<Residual>(suite);
    check_one::<UNet>(suite);
    check_one::<Sound>(suite);
    check_one::<Video>(suite);
}

/// Samples in the batch.
const BATCH: usize = 3;

fn check_one<N: Network<Scratch: Floats>>(suite: &mut Suite) {
    let (architecture, isa) = (N::ARCHITECTURE, Isa::best());
    let network = trained::<N>();
    let input = numbers(2, BATCH * N::Input::LEN);
    let params: Vec<f64> = network.params().iter().copied().map(f64::from).collect();
    let wide: Vec<f64> = input.iter().copied().map(f64::from).collect();
    let expected = interpreter::forward(architecture, BATCH, &params, &wide, None);
    let mut inputs = N::Input::zeroed_vec(BATCH);
    Floats::flatten_mut(&mut inputs).copy_from_slice(&input);

    let prepared = network.prepare();
    let mut hold = |what, outputs: &[N::Output]| {
        let (got, name) = (Floats::flatten(outputs), architecture.name);
        suite.hold(isa, "networks", got, &expected[..got.len()], || format!("{name}, {what}"));
    };
    hold("canonical in a batch", &network.forward_batch(&inputs));
    hold("prepared in a batch", &prepared.forward_batch(&inputs));
    let (mut output, mut scratch) = (N::Output::zeroed_vec(1), N::Scratch::zeroed_box());
    scratch.as_floats_mut().fill(f32::NAN);
    network.forward_into(&inputs[0], &mut output[0], &mut scratch);
    hold("canonical", &output);
    scratch.as_floats_mut().fill(f32::NAN);
    prepared.forward_into(&inputs[0], &mut output[0], &mut scratch);
    hold("prepared", &output);
}

/// Random parameters, and running statistics as training leaves them: means about 0, variances about 1.
fn trained<N: Network>() -> N {
    let mut network = N::init(1);
    for (seed, tensor) in N::ARCHITECTURE.tensors.iter().enumerate() {
        let base = match tensor.name {
            name if name.ends_with("running_mean") => 0.0,
            name if name.ends_with("running_var") => 1.0,
            _ => continue,
        };
        let values = &mut network.params_mut()[tensor.offset..][..tensor.shape()[0]];
        for (value, number) in values.iter_mut().zip(numbers(seed as u64, tensor.shape()[0])) {
            *value = base + 0.5 * number;
        }
    }
    network
}
