//! Prepared networks, whose values are blocked between layers, against the textbook in f64 and against the canonical ones.
//!
//! Together the networks have every layer between two blocked values, every way from a planar value to a blocked one and
//! back, and every algorithm; each test says which of them its network is there for.

#[path = "support/interpreter.rs"]
mod interpreter;
#[path = "support/numbers.rs"]
mod numbers;

use convnet::arena::Floats;
use convnet::params::Params;
use convnet::{Network, cnn};
use convnet_shape::plan::Algorithm;

use numbers::numbers;

cnn! {
    /// A residual tower of images: Winograd, direct, depthwise; each normalisation, folded or not, each activation.
    struct Tower: [3, 17, 15] -> [10] {
        conv2d(32, kernel = 3, padding = 1, bias = false), batch_norm, relu,
        conv2d(48, kernel = 3, padding = 1), prelu,
        conv2d(32, kernel = 3, padding = 1), batch_norm, leaky_relu(0.1),
        add {
            identity,
            { conv2d(32, kernel = 3, padding = same), relu, conv2d(32, kernel = 3, padding = same), batch_norm },
        },
        relu6, lrn(5), batch_norm,
        max_pool2d(3, stride = 2, padding = 1),
        depthwise_conv2d(kernel = 3, padding = 1), batch_norm, tanh,
        avg_pool2d(2, stride = 1, padding = 1),
        conv2d(64, kernel = 1), gelu, dropout(0.5),
        conv2d(64, kernel = 3, groups = 4, padding = 1), prelu(per_channel = true),
        depthwise_conv2d(kernel = 5, stride = 2, padding = 2, dilation = 1), sigmoid,
        avg_pool2d(2, ceil = true, count_include_pad = false),
        flatten, relu, linear(40), tanh, linear(10), softmax,
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

    /// Paths side by side: all blocked; one of 24 channels; one that is the value as it is.
    struct Branches: [1, 14, 14] -> [5] {
        conv2d(32, kernel = 5, stride = 2, padding = 2), relu,
        inception(16, 32, 48, 16, 32, 16) => [112, 7, 7],
        inception(16, 24, 32, 8, 24, 24) => [96, 7, 7],
        concat { identity, { conv2d(32, kernel = 3, padding = 1), relu } },
        max_pool2d(2, ceil = true),
        conv2d(20, kernel = 1), relu,
        conv2d(16, kernel = 3, padding = 1), global_avg_pool, linear(5),
    }
}

cnn! {
    /// Heads of one and of four channels, of a flattened value whose order counts, and of whole blocks.
    struct Heads: [3, 12, 12] -> { score: [1, 6, 6], boxes: [4, 6, 6], kind: [576], features: [32, 6, 6], deep: [2] } {
        conv2d(64, kernel = 3, padding = 1), relu, max_pool2d(2),
        heads {
            score: { conv2d(1, kernel = 1), sigmoid },
            boxes: conv2d(4, kernel = 3, padding = 1),
            kind: { conv2d(16, kernel = 1), flatten, softmax },
            features: { conv2d(32, kernel = 3, padding = 1), batch_norm, relu },
            deep: { conv2d(64, kernel = 3, padding = 1), global_max_pool, linear(2) },
        },
    }
}

cnn! {
    /// Volumes: a pool, a depthwise convolution and a concat over three axes.
    struct Volume: [2, 5, 8, 7] -> [3] {
        conv3d(16, kernel = 3, padding = 1), relu, max_pool3d((1, 2, 2)),
        concat { identity, conv3d(32, kernel = (3, 1, 3), padding = (1, 0, 1)) },
        depthwise_conv3d(kernel = 3, stride = (2, 1, 1), padding = 1), relu,
        conv3d(16, kernel = 2), batch_norm, avg_pool3d(2, stride = 1), flatten, linear(3),
    }
}

cnn! {
    /// Sequences: strides, dilations and phases along one axis.
    struct Sequence: [1, 400] -> [4] {
        conv1d(32, kernel = 17, stride = 4, padding = 8), relu, batch_norm, max_pool1d(2),
        conv1d(32, kernel = 3, stride = 2, dilation = 3), leaky_relu(0.2),
        depthwise_conv1d(kernel = 5, padding = 2), conv1d(16, kernel = 1), lrn(3),
        avg_pool1d(3, stride = 2), conv1d(64, kernel = 2, stride = 3), flatten, dropout(0.2), linear(4), log_softmax,
    }
}

cnn! {
    /// Layers that are planar among layers that are not: transposed convolution, permute, softmax over channels.
    struct There: [3, 8, 8] -> [3, 16, 16] {
        enc: { conv2d(32, kernel = 3, padding = 1), relu, conv2d(32, kernel = 3, padding = 1), relu },
        max_pool2d(2),
        conv2d(48, kernel = 3, padding = 1), prelu,
        conv_transpose2d(32, kernel = 2, stride = 2), batch_norm,
        concat { skip(enc), identity } => [64, 8, 8],
        conv2d(32, kernel = 3, padding = 1), softmax, conv2d(16, kernel = 1), permute([0, 2, 1]),
        conv2d(16, kernel = 3, padding = 1), relu, conv_transpose2d(3, kernel = 2, stride = 2),
    }
}

/// Parameters that nothing cancels in: no bias is 0, no running variance 1, all of them positive.
fn network<N: Network>() -> N {
    let params = N::init(7).params().to_vec();
    let (factors, terms) = (numbers(1, params.len()), numbers(2, params.len()));
    let disturbed = params
        .iter()
        .zip(factors.iter().zip(terms))
        .map(|(x, (f, t))| x * (1.0 + 0.3 * f) + 0.1 * t * x.abs().max(0.2));
    N::from_params(Params::Owned(disturbed.collect()))
}

/// How many layers there are of each algorithm: direct, Winograd, depthwise; and how many blocked values.
fn counts<N: Network>() -> [usize; 4] {
    let forms = || N::ARCHITECTURE.prepared.iter().map(|step| step.form);
    let of = |is: fn(Algorithm) -> bool| forms().filter(|form| is(form.algorithm)).count();
    let blocked = forms().filter(|form| form.output.is_blocked()).count();
    [
        of(|algorithm| algorithm == Algorithm::Direct),
        of(|algorithm| matches!(algorithm, Algorithm::Winograd(_))),
        of(|algorithm| algorithm == Algorithm::Depthwise),
        blocked,
    ]
}

/// One sample after the other, a batch of five and the caller's memory give the same, canonical and prepared, and that is
/// what the textbook gives in f64. `floats` are those of what `forward` returns, boxed or not.
fn check<N: Network>(floats: impl Fn(&N::Returned) -> &[f32])
where
    N::Scratch: Sized + Floats,
{
    const BATCH: usize = 5;
    let (architecture, net) = (N::ARCHITECTURE, network::<N>());
    let input = numbers(3, BATCH * architecture.input.len());
    let wide = |values: &[f32]| values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
    let expected = interpreter::forward(architecture, BATCH, &wide(net.params()), &wide(&input), None);
    let inputs: Vec<N::Input> = input
        .chunks_exact(architecture.input.len())
        .map(|values| {
            let mut input = <N::Input as Floats>::zeroed();
            input.as_floats_mut().copy_from_slice(values);
            input
        })
        .collect();
    let prepared = net.prepare();
    let error = |what: &str, outputs: &[N::Output]| {
        let largest = expected.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
        let differences = Floats::flatten(outputs).iter().zip(&expected).map(|(got, expected)| {
            let difference = (f64::from(*got) - expected).abs() / largest;
            if difference.is_nan() { f64::INFINITY } else { difference }
        });
        let error = differences.fold(0.0, f64::max);
        assert!(error <= 1e-5, "{} {what}: {error:e} of the largest output", architecture.name);
        error
    };
    error("canonical", &net.forward_batch(&inputs));
    let of_many = error("prepared, a batch", &prepared.forward_batch(&inputs));
    let mut scratch = N::Scratch::zeroed_box();
    let singly: Vec<N::Output> = inputs
        .iter()
        .map(|input| {
            let mut output = <N::Output as Floats>::zeroed();
            // What the scratch holds from before is nobody's business.
            scratch.as_floats_mut().fill(f32::NAN);
            prepared.forward_into(input, &mut output, &mut scratch);
            output
        })
        .collect();
    let of_one = error("prepared, one by one", &singly);
    for (input, output) in inputs.iter().zip(&singly) {
        assert_eq!(floats(&prepared.forward(input)), output.as_floats(), "{}: forward", architecture.name);
    }
    println!("{}: {:.1e} of the largest output, {of_many:.1e} in a batch", architecture.name, of_one);
}

#[test]
fn a_tower_with_every_layer_between_blocked_values() {
    check::<Tower>(|output| output.as_floats());
    let [direct, winograd, depthwise, blocked] = counts::<Tower>();
    assert_eq!([winograd, depthwise], [4, 2]);
    assert!(direct >= 3 && blocked >= 30, "{direct} direct, {blocked} blocked values");
}

#[test]
fn paths_side_by_side_of_whole_blocks_and_of_others() {
    check::<Branches>(|output| output.as_floats());
    let [direct, winograd, _, blocked] = counts::<Branches>();
    assert!(direct >= 12 && winograd >= 1 && blocked >= 15, "{direct} direct, {winograd} winograd, {blocked} blocked");
}

#[test]
fn heads_of_one_and_four_channels_and_of_a_flattened_value() {
    check::<Heads>(|output| output.as_floats());
}

#[test]
fn volumes() {
    check::<Volume>(|output| output.as_floats());
    let [direct, _, depthwise, _] = counts::<Volume>();
    assert_eq!([direct, depthwise], [3, 1]);
}

#[test]
fn sequences() {
    check::<Sequence>(|output| output.as_floats());
    let [direct, _, depthwise, _] = counts::<Sequence>();
    assert_eq!([direct, depthwise], [4, 1]);
}

#[test]
fn planar_layers_among_blocked_ones() {
    check::<There>(|output| output.as_floats());
}
