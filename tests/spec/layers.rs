//! §4: the other layers, by hand. Branches have a chapter of their own where they are declared.

use convnet::{Chw, Flat, Network, cnn};

use crate::{assert_close, assert_close_floats, counting, mixed};

#[test]
fn linear() {
    cnn! {
        struct Net: [3] -> [2] { fc: linear(2) }
    }
    let mut net = Net::init(0);
    *net.fc_mut().weight = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    *net.fc_mut().bias = [0.5, -0.5];
    assert_eq!(net.forward(&Flat([1.0, 0.0, -1.0])), Flat([-1.5, -2.5]));
}

/// The same values, in the order they lie in memory.
#[test]
fn flatten_and_reshape() {
    cnn! {
        struct Flattened: [2, 3, 4] -> [24] { flatten }
    }
    cnn! {
        struct Reshaped: [2, 3, 4] -> [4, 3, 2] { reshape([4, 3, 2]) }
    }
    assert_eq!(Flattened::init(0).forward(&counting()), counting());
    assert_eq!(Reshaped::init(0).forward(&counting()), counting());
}

#[test]
fn permute() {
    cnn! {
        struct Net: [2, 2, 3] -> [2, 3, 2] { permute([1, 2, 0]) }
    }
    let expected = [[[1.0, 7.0], [2.0, 8.0], [3.0, 9.0]], [[4.0, 10.0], [5.0, 11.0], [6.0, 12.0]]];
    assert_eq!(Net::init(0).forward(&counting()), Chw(expected));
}

/// The functions of one value, at −4, −1, 0, 1 and 8.
#[test]
fn activations() {
    macro_rules! activations {
        ($($layer:ident$(($($value:literal),+))? => $expected:expr;)+) => {$({
            cnn! {
                struct Net: [5] -> [5] { $layer$(($($value),+))? }
            }
            let output = Net::init(0).forward(&Flat([-4.0, -1.0, 0.0, 1.0, 8.0]));
            assert_close(&output, &Flat::<5>($expected));
        })+};
    }
    activations! {
        relu => [0.0, 0.0, 0.0, 1.0, 8.0];
        leaky_relu => [-0.04, -0.01, 0.0, 1.0, 8.0];
        leaky_relu(0.25) => [-1.0, -0.25, 0.0, 1.0, 8.0];
        prelu => [-1.0, -0.25, 0.0, 1.0, 8.0]; // slopes begin at ¼
        elu => [-0.981_684_4, -0.632_120_56, 0.0, 1.0, 8.0];
        elu(2.0) => [-1.963_368_7, -1.264_241_1, 0.0, 1.0, 8.0];
        selu => [-1.725_899_1, -1.111_330_7, 0.0, 1.050_701, 8.405_608];
        sigmoid => [0.017_986_21, 0.268_941_43, 0.5, 0.731_058_6, 0.999_664_67];
        tanh => [-0.999_329_3, -0.761_594_2, 0.0, 0.761_594_2, 0.999_999_76];
        gelu => [-0.000_126_684_97, -0.158_655_25, 0.0, 0.841_344_7, 8.0];
        silu => [-0.071_944_84, -0.268_941_43, 0.0, 0.731_058_6, 7.997_317_3];
        relu6 => [0.0, 0.0, 0.0, 1.0, 6.0];
        clamp(-1.5, 2.5) => [-1.5, -1.0, 0.0, 1.0, 2.5];
        hard_swish => [0.0, -0.333_333_34, 0.0, 0.666_666_7, 8.0];
    }
}

/// A learned slope for each channel.
#[test]
fn prelu_per_channel() {
    cnn! {
        struct Net: [2, 1, 2] -> [2, 1, 2] { act: prelu(per_channel = true) }
    }
    let mut net = Net::init(0);
    net.params_mut().copy_from_slice(&[0.5, -2.0]);
    let output = net.forward(&Chw([[[-4.0, 4.0]], [[-3.0, 3.0]]]));
    assert_eq!(output, Chw([[[-2.0, 4.0]], [[6.0, 3.0]]]));
}

/// eˣ over their sum: 1, 2 and 3 give 1, e and e² over 1 + e + e².
#[test]
fn softmax_and_its_logarithm() {
    cnn! {
        struct Vector: [3] -> [3] { softmax }
    }
    cnn! {
        struct Log: [3] -> [3] { log_softmax }
    }
    cnn! {
        struct Channels: [3, 1, 2] -> [3, 1, 2] { softmax }
    }
    let expected = [0.090_030_57, 0.244_728_48, 0.665_240_94];
    assert_close(&Vector::init(0).forward(&counting()), &Flat(expected));
    assert_close(&Log::init(0).forward(&counting()), &Flat(expected.map(f32::ln)));
    // Over the channels at each position: 1, 3, 5 and 2, 4, 6.
    let expected = [0.015_876_24, 0.117_310_43, 0.866_813_3].map(|p| [[p, p]]);
    assert_close(&Channels::init(0).forward(&counting()), &Chw(expected));
}

/// x / (k + α/n Σ x²)^β with α = n = 3, k = 2, β = 1: 1 / (2 + 1 + 4), 2 / (2 + 1 + 4 + 9), 3 / (2 + 4 + 9).
#[test]
fn local_response_normalisation() {
    cnn! {
        struct Net: [3, 1, 1] -> [3, 1, 1] { lrn(3, alpha = 3.0, beta = 1.0, k = 2.0) }
    }
    let expected = Chw([[[1.0 / 7.0]], [[2.0 / 16.0]], [[3.0 / 15.0]]]);
    assert_close(&Net::init(0).forward(&counting()), &expected);
}

/// γ (x − mean) / √(var + ε) + β with running statistics.
#[test]
fn batch_normalisation_in_inference() {
    cnn! {
        struct Net: [2, 1, 2] -> [2, 1, 2] { bn: batch_norm(epsilon = 1e-12) }
    }
    let mut net = Net::init(0);
    // γ, β, mean, variance.
    net.params_mut().copy_from_slice(&[2.0, 3.0, 1.0, -1.0, 1.0, 3.0, 4.0, 9.0]);
    assert_close(&net.forward(&counting()), &Chw([[[1.0, 2.0]], [[-1.0, 0.0]]]));
}

/// `prepare` folds it into a convolution or linear layer directly before it, never across an activation; the numbers are
/// the same either way.
#[test]
fn batch_normalisation_folded() {
    cnn! {
        struct Folded: [2, 5, 5] -> [3] {
            conv: conv2d(3, kernel = 3, bias = false), bn1: batch_norm, relu,
            flatten,
            fc: linear(3), bn2: batch_norm,
        }
    }
    cnn! {
        struct Across: [2, 5, 5] -> [3, 3, 3] { conv: conv2d(3, kernel = 3), relu, bn: batch_norm }
    }
    let (mut folded, mut across) = (Folded::init(1), Across::init(2));
    // Statistics and factors that do something; variances are positive.
    folded.params_mut().iter_mut().enumerate().for_each(|(at, x)| *x = 0.1 + (at % 7) as f32 / 7.0);
    across.params_mut().iter_mut().enumerate().for_each(|(at, x)| *x = 0.1 + (at % 5) as f32 / 5.0);
    assert_close(&folded.prepare().forward(&mixed()), &folded.forward(&mixed()));
    assert_close(&across.prepare().forward(&mixed()), &across.forward(&mixed()));
    let conv_and_linear = 54 + 3 + 27 * 3 + 3;
    assert!(folded.prepare().packed().len() >= conv_and_linear);
    let after = |net: &[convnet::arithmetic::plan::Step]| net.iter().any(|step| step.folded);
    assert!(after(Folded::ARCHITECTURE.prepared) && !after(Across::ARCHITECTURE.prepared));
}

/// (x − mean) / std of each channel.
#[test]
fn normalisation_of_the_input() {
    cnn! {
        struct Net: [2, 1, 2] -> [2, 1, 2] { normalize(mean = [1.0, 2.0], std = [0.5, 4.0]) }
    }
    assert_close(&Net::init(0).forward(&counting()), &Chw([[[0.0, 2.0]], [[0.25, 0.5]]]));
}

/// Identity and free at inference: nothing is computed and nothing is kept.
#[test]
fn dropout_in_inference() {
    cnn! {
        struct Net: [4, 3, 3] -> [4, 3, 3] { dropout(0.5) }
    }
    assert_eq!(Net::init(0).forward(&mixed()), mixed());
    assert_eq!((Net::MACS, Net::PARAMS, Net::SCRATCH_BYTES), (0, 0, 0));
    let (mut output, mut scratch) = (Chw::zeros(), Net::scratch());
    Net::init(0).forward_into(&mixed(), &mut output, &mut scratch);
    assert_close_floats(output.as_slice(), mixed::<Chw<4, 3, 3>>().as_slice());
}
