use super::super::reference;
use super::super::testing::{Vec, assert_close, format, numbers, vec};
use super::*;
use proptest::prelude::*;

const ALEXNET: LrnOp = LrnOp { size: 5, alpha: 1e-4, beta: 0.75, k: 2.0 };

fn check(op: &LrnOp, batch: usize, sizes: [usize; 2], scale: f32) {
    let what = format!("{op:?} over {batch} × {sizes:?} up to {scale}");
    let input: Vec<f32> = numbers(1, batch * sizes[0] * sizes[1]).iter().map(|x| x * scale).collect();
    let (mut output, mut expected) = (vec![f32::NAN; input.len()], vec![f32::NAN; input.len()]);
    forward(op, sizes, &input, &mut output);
    reference::lrn_forward(op, sizes, &input, &mut expected);
    assert_close(&output, &expected, &what);
    let grad_output = numbers(2, input.len());
    // Not from zero: gradients accumulate.
    let (mut grad, mut expected) = (numbers(3, input.len()), numbers(3, input.len()));
    backward(op, sizes, &input, &grad_output, &mut grad);
    reference::lrn_backward(op, sizes, &input, &grad_output, &mut expected);
    assert_close(&grad, &expected, &what);
}

#[test]
fn windows_of_the_textbook() {
    check(&ALEXNET, 1, [96, 55], 30.0);
    check(&LrnOp { k: 1.0, ..ALEXNET }, 2, [64, 56], 30.0); // GoogLeNet
    check(&LrnOp { alpha: 2.0, ..ALEXNET }, 2, [7, 130], 1.0);
}

#[test]
fn small_sizes_exhaustively() {
    for size in 1..6 {
        for channels in 1..8 {
            for (beta, cells) in [(0.75, 1), (0.5, 63), (1.0, 64), (0.3, 65)] {
                check(&LrnOp { size, alpha: 1.5, beta, k: 1.0 }, 1, [channels, cells], 2.0);
            }
        }
    }
}

#[test]
fn an_even_window_has_its_odd_channel_before() {
    // α/n = 1, β = 1, k = 1: y = x / (1 + x² + (the channel before)²).
    let op = LrnOp { size: 2, alpha: 2.0, beta: 1.0, k: 1.0 };
    let mut output = [0.0; 3];
    forward(&op, [3, 1], &[1.0, 2.0, 3.0], &mut output);
    assert_close(&output, &[1.0 / 2.0, 2.0 / 6.0, 3.0 / 14.0], "1 + 1, 1 + 4 + 1, 1 + 9 + 4");
}

#[test]
fn roots_are_the_power() {
    for s in [1.0, 1.0001, 2.0, 3.7, 1e-6, 1e6, 1e30] {
        for beta in [0.75, 0.5] {
            let expected = libm::pow(f64::from(s), -f64::from(beta)) as f32;
            let error = (inverse_powers(&[s; BLOCK], beta)[0] / expected - 1.0).abs();
            assert!(error <= 2.0 * f32::EPSILON, "{s}^-{beta} is off by {error}");
        }
    }
}

#[test]
fn what_is_not_finite_stays_in_its_windows() {
    let mut input = numbers(1, 12);
    input[0] = f32::NAN;
    let mut output = [0.0; 12];
    forward(&ALEXNET, [12, 1], &input, &mut output);
    assert!(output[..3].iter().all(|y| y.is_nan()));
    assert!(output[3..].iter().all(|y| y.is_finite()));
}

proptest! {
    #[test]
    fn any_sizes(
        (size, channels, cells, batch) in (1_usize..9, 1_usize..12, 1_usize..100, 1_usize..3),
        (alpha, beta, k) in (0.0_f32..2.0, 0.1_f32..1.2, 0.5_f32..2.0),
    ) {
        check(&LrnOp { size, alpha, beta, k }, batch, [channels, cells], 2.0);
    }
}
