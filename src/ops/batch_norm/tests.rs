use super::super::geometry::{Conv, Linear};
use super::super::reference;
use super::super::testing::{Vec, any_conv, assert_close, format, numbers, vec};
use super::super::{Product, Weight, linear};
use super::*;
use proptest::prelude::*;

/// γ, β `[C]`; means and variances `[2, C]`.
fn parameters(channels: usize) -> [Vec<f32>; 3] {
    let mut statistics = numbers(13, 2 * channels);
    statistics[channels..].iter_mut().for_each(|variance| *variance += 1.1);
    [numbers(11, channels), numbers(12, channels), statistics]
}

fn check(batch: usize, channels: usize, cells: usize) {
    let what = format!("[{batch}, {channels}, {cells}]");
    let [gamma, beta, running] = parameters(channels);
    let input: Vec<f32> = numbers(1, batch * channels * cells).iter().map(|x| 3.0 * x + 1.0).collect();
    let (mut batches, mut expected) = (running.clone(), running.clone());
    if batch * cells > 1 {
        batch_statistics(cells, &input, &mut batches);
        reference::batch_statistics(cells, &input, &mut expected);
        assert_close(&batches, &expected, &what);
    }
    for statistics in [Statistics::Batch(&expected[..]), Statistics::Running(&running)] {
        let (mut output, mut expected) = (vec![f32::NAN; input.len()], vec![f32::NAN; input.len()]);
        forward(cells, 0.5, &gamma, &beta, statistics.values(), &input, &mut output);
        reference::batch_norm_forward(cells, 0.5, &gamma, &beta, statistics.values(), &input, &mut expected);
        assert_close(&output, &expected, &what);
        check_backward(cells, &input, &gamma, statistics, &what);
    }
}

fn check_backward(cells: usize, input: &[f32], gamma: &[f32], statistics: Statistics, what: &str) {
    let grad_output = numbers(2, input.len());
    // Not from zero: gradients accumulate.
    let start = || (numbers(3, input.len()), numbers(4, gamma.len()), numbers(5, gamma.len()));
    let (mut gi, mut gg, mut gb) = start();
    let out = (Some(&mut gi[..]), &mut gg[..], &mut gb[..]);
    reference::batch_norm_backward(cells, 0.5, input, gamma, statistics, &grad_output, out.0, out.1, out.2);
    let expected = (gi, gg, gb);
    let (mut gi, mut gg, mut gb) = start();
    backward(cells, 0.5, input, gamma, statistics, &grad_output, Some(&mut gi), &mut gg, &mut gb);
    assert_close(&gi, &expected.0, what);
    assert_close(&gg, &expected.1, what);
    assert_close(&gb, &expected.2, what);
    let (_, mut gg, mut gb) = start();
    backward(cells, 0.5, input, gamma, statistics, &grad_output, None, &mut gg, &mut gb);
    assert_close(&gg, &expected.1, what);
}

#[test]
fn small_sizes_exhaustively() {
    for batch in 1..4 {
        for channels in [1, 2, 3, 17] {
            for cells in [1, 2, 9, 64] {
                check(batch, channels, cells);
            }
        }
    }
    check(2, 3, 5003);
}

#[test]
fn a_normalised_batch_has_mean_zero_and_variance_one() {
    let input: Vec<f32> = numbers(1, 4 * 3 * 700).iter().map(|x| 5.0 * x + 100.0).collect();
    let (mut statistics, mut output, mut after) = ([0.0; 6], vec![0.0; input.len()], [0.0; 6]);
    batch_statistics(700, &input, &mut statistics);
    forward(700, 0.0, &[1.0; 3], &[0.0; 3], &statistics, &input, &mut output);
    batch_statistics(700, &output, &mut after);
    assert_close(&after, &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0], "a mean far from 0");
}

#[test]
fn running_statistics_worked_by_hand() {
    // 1, 2, 3, 6: mean 3, biased variance (4 + 1 + 0 + 9) / 4 = 3.5, unbiased 14 / 3.
    let mut statistics = [0.0; 2];
    batch_statistics(2, &[1.0, 2.0, 3.0, 6.0], &mut statistics);
    assert_eq!(statistics, [3.0, 3.5]);
    let mut running = [0.0, 1.0];
    update_running(4, 0.1, &statistics, &mut running);
    assert_close(&running, &[0.3, 0.9 + 1.4 / 3.0], "0.9 old + 0.1 new");
}

#[test]
#[should_panic(expected = "statistics of a batch need more than one value a channel")]
fn one_value_has_no_variance() {
    batch_statistics(1, &[1.0, 2.0], &mut [0.0; 4]);
}

#[test]
fn scale_and_shift_are_forward() {
    let [gamma, beta, statistics] = parameters(5);
    let input = numbers(1, 2 * 5 * 9);
    let (mut scale, mut shift, mut values, mut expected) = ([0.0; 5], [0.0; 5], input.clone(), input.clone());
    scale_and_shift(1e-5, &gamma, &beta, &statistics, &mut scale, &mut shift);
    apply(9, &scale, &shift, &mut values);
    forward(9, 1e-5, &gamma, &beta, &statistics, &input, &mut expected);
    assert_close(&values, &expected, "apply");
}

#[test]
fn folding_runs_at_compile_time() {
    // γ 3, β 1, mean 2, variance 3.5, ε 0.5: scale 3 / 2, shift 1 − 2 · 3 / 2.
    const FOLDED: ([f32; 2], [f32; 1]) = {
        let (mut scale, mut shift, mut weight, mut bias) = ([0.0], [0.0], [4.0, -2.0], [10.0]);
        scale_and_shift(0.5, &[3.0], &[1.0], &[2.0, 3.5], &mut scale, &mut shift);
        fold(&scale, &shift, &mut weight, &mut bias);
        (weight, bias)
    };
    assert_eq!(FOLDED, ([6.0, -3.0], [13.0]));
}

#[test]
fn folded_into_a_linear_layer() {
    let g = Linear { in_features: 7, out_features: 5, bias: true };
    let (mut weight, mut bias, scale, shift) = (numbers(1, 35), numbers(2, 5), numbers(3, 5), numbers(4, 5));
    let input = numbers(5, 14);
    let (mut output, mut expected) = ([0.0; 10], [0.0; 10]);
    reference::linear_forward(&g, 2, &input, &weight, &bias, &mut expected);
    apply(1, &scale, &shift, &mut expected);
    fold(&scale, &shift, &mut weight, &mut bias);
    linear::forward(&g, 2, &input, Weight::Canonical(&weight), &bias, None, &mut output, Product::Own);
    assert_close(&output, &expected, "linear");
}

#[test]
fn the_root_is_libms_to_the_last_place() {
    let mut x = f64::MIN_POSITIVE / 1024.0;
    while x < f64::MAX / 4.0 {
        let difference = root::root(x).to_bits().abs_diff(libm::sqrt(x).to_bits());
        assert!(difference <= 1, "√{x} is {difference} units off");
        x *= 1.000_37 * 1.7;
    }
    assert_eq!([0.0, 1.0, 4.0, f64::INFINITY].map(root::root), [0.0, 1.0, 2.0, f64::INFINITY]);
    assert!(root::root(-1.0).is_nan() && root::root(f64::NAN).is_nan());
}

proptest! {
    #[test]
    fn folded_into_any_convolution(g in any_conv()) {
        let g = Conv { bias: true, ..g };
        let (mut weight, mut bias) = (numbers(1, g.weight_len()), numbers(2, g.out_channels));
        let (scale, shift) = (numbers(3, g.out_channels), numbers(4, g.out_channels));
        let (input, mut output, mut expected) =
            (numbers(5, g.input_len()), vec![0.0; g.output_len()], vec![0.0; g.output_len()]);
        reference::conv_forward(&g, 1, &input, &weight, &bias, &mut expected);
        apply(g.output_len() / g.out_channels, &scale, &shift, &mut expected);
        fold(&scale, &shift, &mut weight, &mut bias);
        reference::conv_forward(&g, 1, &input, &weight, &bias, &mut output);
        assert_close(&output, &expected, "convolution");
    }

    #[test]
    fn folded_into_any_transposed_convolution(g in any_conv()) {
        let (mut weight, mut bias) = (numbers(1, g.weight_len()), numbers(2, g.in_channels));
        let (scale, shift) = (numbers(3, g.in_channels), numbers(4, g.in_channels));
        let (input, mut output, mut expected) =
            (numbers(5, g.output_len()), vec![0.0; g.input_len()], vec![0.0; g.input_len()]);
        reference::conv_transposed(&g, 1, &input, &weight, &bias, &mut expected);
        apply(g.input_len() / g.in_channels, &scale, &shift, &mut expected);
        fold_transposed(&g, &scale, &shift, &mut weight, &mut bias);
        reference::conv_transposed(&g, 1, &input, &weight, &bias, &mut output);
        assert_close(&output, &expected, "transposed convolution");
    }
}
