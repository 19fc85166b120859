//! The oracle of the oracle: every gradient against central differences in f64.

use super::super::batch_norm::Statistics;
use super::super::geometry::{Conv, Linear, input_cells, output_cells};
use super::super::testing::{Vec, any_conv, any_pool, format, numbers, vec, wide};
use super::super::{Activation, Dims, LrnOp, Permutation, geometry::Pool};
use super::*;
use proptest::prelude::*;

/// Checks `grad` against (f(x + h) − f(x − h)) / 2h for every component of `x`, where f = Σ weights · outputs.
#[track_caller]
fn assert_gradient(x: &[f64], grad: &[f64], what: &str, mut f: impl FnMut(&[f64]) -> f64) {
    const STEP: f64 = 1e-5;
    let mut x = x.to_vec();
    for at in 0..x.len() {
        let middle = x[at];
        x[at] = middle + STEP;
        let above = f(&x);
        x[at] = middle - STEP;
        let below = f(&x);
        x[at] = middle;
        let slope = (above - below) / (2.0 * STEP);
        assert!((grad[at] - slope).abs() < 1e-6 * slope.abs().max(1.0), "{what}[{at}] {} ≠ {slope}", grad[at]);
    }
}

fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn random(seed: u64, length: usize) -> Vec<f64> {
    wide(&numbers(seed, length))
}

fn check_conv(g: &Conv, transposed: bool) {
    let (mut inputs, mut outputs, mut biases) = (g.input_len(), g.output_len(), g.out_channels);
    if transposed {
        (inputs, outputs, biases) = (g.output_len(), g.input_len(), g.in_channels);
    }
    let (input, weight, grad_output) = (random(1, inputs), random(2, g.weight_len()), random(4, outputs));
    let bias = random(3, if g.bias { biases } else { 0 });
    let (mut gi, mut gw, mut gb) = (vec![0.0; inputs], vec![0.0; weight.len()], vec![0.0; bias.len()]);
    let backward = if transposed { conv_transposed_backward } else { conv_backward };
    backward(g, 1, &input, &weight, &grad_output, Some(&mut gi), &mut gw, &mut gb);
    let forward = if transposed { conv_transposed } else { conv_forward };
    let loss = |input: &[f64], weight: &[f64], bias: &[f64]| {
        let mut output = vec![0.0; outputs];
        forward(g, 1, input, weight, bias, &mut output);
        inner(&output, &grad_output)
    };
    assert_gradient(&input, &gi, &format!("{g:?} input"), |x| loss(x, &weight, &bias));
    assert_gradient(&weight, &gw, &format!("{g:?} weight"), |x| loss(&input, x, &bias));
    assert_gradient(&bias, &gb, &format!("{g:?} bias"), |x| loss(&input, &weight, x));
}

/// Distinct values further apart than the step, in no order: the maximum must not change hands on the way.
fn apart(length: usize) -> Vec<f64> {
    (0..length).map(|at| (at * 7919 % 10_007) as f64 / 1000.0).collect()
}

fn check_pool(g: &Pool) {
    let (input, grad_output) = (apart(g.input_len()), random(1, g.output_len()));
    let mut grad = vec![0.0; input.len()];
    max_pool_backward(g, 1, &input, &grad_output, &mut grad);
    let mut output = vec![0.0; g.output_len()];
    assert_gradient(&input, &grad, &format!("{g:?} max"), |x| {
        max_pool_forward(g, 1, x, &mut output);
        // A window all in padding has the maximum −∞, whatever x is.
        output.iter_mut().filter(|y| y.is_infinite()).for_each(|y| *y = 0.0);
        inner(&output, &grad_output)
    });
    grad.fill(0.0);
    average_pool_backward(g, 1, &grad_output, &mut grad);
    assert_gradient(&input, &grad, &format!("{g:?} average"), |x| {
        average_pool_forward(g, 1, x, &mut output);
        inner(&output, &grad_output)
    });
}

#[test]
fn linear() {
    let g = Linear { in_features: 5, out_features: 3, bias: true };
    let (input, weight, bias, grad_output) = (random(1, 10), random(2, 15), random(3, 3), random(4, 6));
    let (mut gi, mut gw, mut gb) = ([0.0; 10], [0.0; 15], [0.0; 3]);
    linear_backward(&g, 2, &input, &weight, &grad_output, Some(&mut gi), &mut gw, &mut gb);
    let loss = |input: &[f64], weight: &[f64], bias: &[f64]| {
        let mut output = [0.0; 6];
        linear_forward(&g, 2, input, weight, bias, &mut output);
        inner(&output, &grad_output)
    };
    assert_gradient(&input, &gi, "input", |x| loss(x, &weight, &bias));
    assert_gradient(&weight, &gw, "weight", |x| loss(&input, x, &bias));
    assert_gradient(&bias, &gb, "bias", |x| loss(&input, &weight, x));
}

/// An operation in place, its derivative from the output, and its name.
type InPlace = (&'static str, fn(&mut [f64]), fn(&[f64], &mut [f64]));

#[test]
fn softmax_of_rows_and_over_channels() {
    let operations: [InPlace; 4] = [
        ("rows", |x| softmax(4, x), |y, g| softmax_backward(4, y, g)),
        ("log of rows", |x| log_softmax(4, x), |y, g| log_softmax_backward(4, y, g)),
        ("channels", |x| channel_softmax([3, 2], x), |y, g| channel_softmax_backward([3, 2], y, g)),
        ("log of channels", |x| channel_log_softmax([3, 2], x), |y, g| channel_log_softmax_backward([3, 2], y, g)),
    ];
    let (input, grad_output) = (random(1, 12), random(2, 12));
    for (name, forward, backward) in operations {
        let (mut output, mut grad) = (input.clone(), grad_output.clone());
        forward(&mut output);
        backward(&output, &mut grad);
        assert_gradient(&input, &grad, name, |x| {
            output.copy_from_slice(x);
            forward(&mut output);
            inner(&output, &grad_output)
        });
    }
}

#[test]
fn activations() {
    let all = [
        Activation::Relu,
        Activation::LeakyRelu(0.1),
        Activation::LeakyRelu(-0.1),
        Activation::Elu(1.5),
        Activation::Elu(-1.5),
        Activation::Selu,
        Activation::Gelu,
        Activation::Silu,
        Activation::Clamp(-0.5, 2.0),
        Activation::HardSwish,
        Activation::Tanh,
        Activation::Sigmoid,
    ];
    let (input, grad_output) = (random(1, 60).iter().map(|x| 5.0 * x).collect::<Vec<_>>(), random(2, 60));
    for activation in all {
        let mut grad = grad_output.clone();
        activation_backward(activation, &input, &mut grad);
        assert_gradient(&input, &grad, &format!("{activation:?}"), |x| {
            let mut output = x.to_vec();
            activation_forward(activation, &mut output);
            inner(&output, &grad_output)
        });
    }
}

#[test]
fn losses() {
    let (input, target, mut grad) = (random(1, 12), random(2, 12), [0.0; 12]);
    let targets = [3, 0, 1];
    cross_entropy(4, &input, &targets, &mut grad);
    assert_gradient(&input, &grad, "cross-entropy", |x| cross_entropy(4, x, &targets, &mut [0.0; 12]));
    let targets = [2, 0, 1, 1];
    channel_cross_entropy([3, 2], &input, &targets, &mut grad);
    let loss = |x: &[f64]| channel_cross_entropy([3, 2], x, &targets, &mut [0.0; 12]);
    assert_gradient(&input, &grad, "cross-entropy at positions", loss);
    mean_squared_error(&input, &target, &mut grad);
    assert_gradient(&input, &grad, "mse", |x| mean_squared_error(x, &target, &mut [0.0; 12]));
}

#[test]
fn global_pools() {
    let (input, grad_output, mut grad) = (apart(14), random(2, 2), [0.0; 14]);
    global_average_backward(7, &grad_output, &mut grad);
    assert_gradient(&input, &grad, "average", |x| {
        let mut output = [0.0; 2];
        global_average_forward(7, x, &mut output);
        inner(&output, &grad_output)
    });
    grad.fill(0.0);
    global_max_backward(7, &input, &grad_output, &mut grad);
    assert_gradient(&input, &grad, "max", |x| {
        let mut output = [0.0; 2];
        global_max_forward(7, x, &mut output);
        inner(&output, &grad_output)
    });
}

#[test]
fn prelu() {
    let (input, grad_output) = (random(1, 24), random(2, 24));
    for slope in [random(3, 1), random(3, 3)] {
        let (mut gi, mut gs) = ([0.0; 24], vec![0.0; slope.len()]);
        prelu_backward(4, &input, &slope, &grad_output, Some(&mut gi), &mut gs);
        let loss = |input: &[f64], slope: &[f64]| {
            let mut output = input.to_vec();
            prelu_forward(4, slope, &mut output);
            inner(&output, &grad_output)
        };
        assert_gradient(&input, &gi, "input", |x| loss(x, &slope));
        assert_gradient(&slope, &gs, "slope", |x| loss(&input, x));
    }
}

#[test]
fn normalize() {
    let (input, mut grad, grad_output) = (random(1, 24), random(2, 24), random(2, 24));
    let (mean, std) = (random(3, 3), [0.5, 2.0, 3.0]);
    normalize_backward(4, &std, &mut grad);
    assert_gradient(&input, &grad, "input", |x| {
        let mut output = x.to_vec();
        normalize_forward(4, &mean, &std, &mut output);
        inner(&output, &grad_output)
    });
}

#[test]
fn local_response_normalisation() {
    for (size, beta) in [(1, 0.75), (2, 0.5), (3, 0.75), (4, 1.0), (5, 0.6), (12, 0.75)] {
        let op = LrnOp { size, alpha: 0.7, beta, k: 1.25 };
        let (input, grad_output, mut grad) = (random(1, 36), random(2, 36), [0.0; 36]);
        lrn_backward(&op, [6, 3], &input, &grad_output, &mut grad);
        assert_gradient(&input, &grad, &format!("{op:?}"), |x| {
            let mut output = [0.0; 36];
            lrn_forward(&op, [6, 3], x, &mut output);
            inner(&output, &grad_output)
        });
    }
}

#[test]
fn batch_norm() {
    let (input, gamma, beta, grad_output) = (random(1, 24), random(2, 3), random(3, 3), random(4, 24));
    let running = [0.1, -0.2, 0.3, 1.5, 0.5, 2.0];
    for of_batch in [true, false] {
        // The statistics of the batch move with the input.
        let statistics = |input: &[f64]| {
            let mut statistics = running;
            if of_batch {
                batch_statistics(4, input, &mut statistics);
            }
            statistics
        };
        let loss = |input: &[f64], gamma: &[f64], beta: &[f64]| {
            let mut output = [0.0; 24];
            batch_norm_forward(4, 0.1, gamma, beta, &statistics(input), input, &mut output);
            inner(&output, &grad_output)
        };
        let values = statistics(&input);
        let given = if of_batch { Statistics::Batch(&values[..]) } else { Statistics::Running(&values[..]) };
        let (mut gi, mut gg, mut gb) = ([0.0; 24], [0.0; 3], [0.0; 3]);
        batch_norm_backward(4, 0.1, &input, &gamma, given, &grad_output, Some(&mut gi), &mut gg, &mut gb);
        assert_gradient(&input, &gi, "input", |x| loss(x, &gamma, &beta));
        assert_gradient(&gamma, &gg, "γ", |x| loss(&input, x, &beta));
        assert_gradient(&beta, &gb, "β", |x| loss(&input, &gamma, x));
    }
}

#[test]
fn permute() {
    let (permutation, sizes) = (Permutation { rank: 3, axes: [2, 0, 1, 0] }, Dims::new(&[2, 3, 4]));
    let (input, grad_output, mut grad) = (random(1, 48), random(2, 48), [0.0; 48]);
    permute_backward(&permutation, &sizes, 2, &grad_output, &mut grad);
    assert_gradient(&input, &grad, "input", |x| {
        let mut output = [0.0; 48];
        permute_forward(&permutation, &sizes, 2, x, &mut output);
        inner(&output, &grad_output)
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_convolution(g in any_conv()) {
        prop_assume!(g.weight_len() * output_cells(&g.axes) < 20_000 && g.input_len() < 400);
        check_conv(&g, false);
        check_conv(&g, true);
    }

    #[test]
    fn any_pools(g in any_pool()) {
        prop_assume!(g.input_len() < 600);
        check_pool(&g);
    }

    /// ⟨conv x, y⟩ = ⟨x, transposed y⟩: the matrix of one is the transpose of the other's.
    #[test]
    fn the_transposed_convolution_is_the_adjoint(g in any_conv()) {
        let g = Conv { bias: false, ..g };
        let (x, weight, y) = (random(1, g.input_len()), random(2, g.weight_len()), random(3, g.output_len()));
        let (mut forward, mut back) = (vec![0.0; y.len()], vec![0.0; x.len()]);
        conv_forward(&g, 1, &x, &weight, &[], &mut forward);
        conv_transposed(&g, 1, &y, &weight, &[], &mut back);
        prop_assert!((inner(&forward, &y) - inner(&x, &back)).abs() < 1e-9 * (1 + input_cells(&g.axes)) as f64);
    }
}
