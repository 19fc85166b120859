use super::super::geometry::{Axis, Pool};
use super::super::reference;
use super::super::testing::{Vec, any_pool, assert_close, axis, numbers, vec};
use super::super::window::{Padding, Rounding, Window};
use super::*;
use proptest::prelude::*;

/// Both pools, forward and backward, against the textbook. Few distinct inputs, so that there are ties.
fn check(g: &Pool, batch: usize) {
    let input: Vec<f32> = numbers(1, batch * g.input_len()).iter().map(|x| (x * 4.0).round() / 4.0).collect();
    let grad_output = numbers(2, batch * g.output_len());
    let (mut output, mut expected) = (vec![f32::NAN; grad_output.len()], vec![f32::NAN; grad_output.len()]);
    max_forward(g, batch, &input, &mut output);
    reference::max_pool_forward(g, batch, &input, &mut expected);
    assert_eq!(output, expected, "{g:?}");
    let (mut grad, mut expected_grad) = (numbers(3, input.len()), numbers(3, input.len()));
    max_backward(g, batch, &input, &grad_output, &mut grad);
    reference::max_pool_backward(g, batch, &input, &grad_output, &mut expected_grad);
    assert_close(&grad, &expected_grad, "max");

    average_forward(g, batch, &input, &mut output);
    reference::average_pool_forward(g, batch, &input, &mut expected);
    assert_close(&output, &expected, "average");
    let (mut grad, mut expected_grad) = (numbers(3, input.len()), numbers(3, input.len()));
    average_backward(g, batch, &grad_output, &mut grad);
    reference::average_pool_backward(g, batch, &grad_output, &mut expected_grad);
    assert_close(&grad, &expected_grad, "average");
}

fn square_pool(size: usize, kernel: usize, stride: usize, padding: usize, rounding: Rounding) -> Pool {
    let window = Window { kernel, stride, padding: Padding::Cells(padding, padding), dilation: 1 };
    let axis = Axis::new(size, &window, rounding);
    Pool { channels: 2, count_include_pad: false, axes: [Axis::UNIT, axis, axis] }
}

#[test]
fn pools_of_the_textbook() {
    check(&square_pool(28, 2, 2, 0, Rounding::Floor), 2); // LeNet-5
    check(&square_pool(27, 2, 2, 0, Rounding::Floor), 1); // an odd line, the last column dropped
    check(&square_pool(27, 2, 2, 0, Rounding::Ceil), 1); // the same, a half window at the end
    check(&square_pool(55, 3, 2, 0, Rounding::Floor), 1); // AlexNet, overlapping
    check(&square_pool(28, 3, 2, 0, Rounding::Ceil), 1); // GoogLeNet
    check(&square_pool(7, 7, 1, 0, Rounding::Floor), 2);
    check(&square_pool(1, 1, 1, 0, Rounding::Floor), 1);
}

#[test]
fn nan_wins_and_takes_the_gradient() {
    for (kernel, stride) in [(2, 2), (2, 1)] {
        let g = Pool { channels: 1, ..square_pool(4, kernel, stride, 0, Rounding::Floor) };
        let mut input = numbers(1, 16);
        input[5] = f32::NAN;
        let (mut output, mut expected) = (vec![0.0; g.output_len()], vec![0.0; g.output_len()]);
        max_forward(&g, 1, &input, &mut output);
        reference::max_pool_forward(&g, 1, &input, &mut expected);
        assert!(output[0].is_nan());
        assert!(output.iter().zip(&expected).all(|(a, b)| a == b || a.is_nan() && b.is_nan()));
        let (mut grad, mut expected) = ([0.0; 16], [0.0; 16]);
        max_backward(&g, 1, &input, &vec![1.0; g.output_len()], &mut grad);
        reference::max_pool_backward(&g, 1, &input, &vec![1.0; g.output_len()], &mut expected);
        assert_eq!(grad, expected);
        assert!(grad[5] >= 1.0);
    }
}

#[test]
fn nothing_but_minus_infinity_goes_to_the_first_cell() {
    for size in [2, 3] {
        let g = Pool { channels: 1, ..square_pool(size, size, 2, 0, Rounding::Floor) };
        let input = vec![f32::NEG_INFINITY; size * size];
        let (mut output, mut grad) = ([0.0], vec![0.0; size * size]);
        max_forward(&g, 1, &input, &mut output);
        max_backward(&g, 1, &input, &[3.0], &mut grad);
        assert_eq!((output[0], grad[0]), (f32::NEG_INFINITY, 3.0));
    }
}

#[test]
fn the_divisor_counts_padding_but_not_the_overhang() {
    // n = 5, p = 1, k = 3, s = 2 in ceil mode over ones: windows at −1, 1, 3; the last covers 3, 4 and one padding.
    let window = Window { kernel: 3, stride: 2, padding: Padding::Cells(1, 1), dilation: 1 };
    let mean = |n, count_include_pad| {
        let axes = [Axis::UNIT, Axis::UNIT, Axis::new(n, &window, Rounding::Ceil)];
        let g = Pool { channels: 1, count_include_pad, axes };
        let mut output = vec![0.0; g.output_len()];
        average_forward(&g, 1, &vec![6.0; n], &mut output);
        output
    };
    assert_eq!(mean(5, false), [6.0, 6.0, 6.0]);
    assert_eq!(mean(5, true), [4.0, 6.0, 4.0]);
    // n = 6: a fourth window at 5 covers one cell, one padding and one overhang, which does not count.
    assert_eq!(mean(6, true), [4.0, 6.0, 6.0, 3.0]);
}

#[test]
fn global_average_is_the_mean_of_each_channel() {
    let input = numbers(1, 6 * 35);
    let (mut output, mut expected) = ([0.0; 6], [0.0; 6]);
    global_average_forward(35, &input, &mut output);
    reference::global_average_forward(35, &input, &mut expected);
    assert_close(&output, &expected, "forward");
    let (mut grad, mut expected) = (numbers(2, 210), numbers(2, 210));
    global_average_backward(35, &output, &mut grad);
    reference::global_average_backward(35, &output, &mut expected);
    assert_close(&grad, &expected, "backward");
}

#[test]
fn global_max_is_the_largest_of_each_channel() {
    for cells in [1, 7, 8, 9, 35, 1031] {
        // Few distinct inputs, so that there are ties.
        let mut input: Vec<f32> = numbers(1, 6 * cells).iter().map(|x| (x * 4.0).round() / 4.0).collect();
        input[2 * cells + cells / 2] = f32::NAN;
        input[3 * cells..4 * cells].fill(f32::NEG_INFINITY);
        let (mut output, mut expected) = ([0.0; 6], [0.0; 6]);
        global_max_forward(cells, &input, &mut output);
        reference::global_max_forward(cells, &input, &mut expected);
        assert!(output[2].is_nan() && expected[2].is_nan());
        output[2] = expected[2];
        assert!(output.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits()), "{output:?} {expected:?}");
        let (mut grad, mut expected) = (numbers(2, input.len()), numbers(2, input.len()));
        let grad_output = numbers(3, 6);
        global_max_backward(cells, &input, &grad_output, &mut grad);
        reference::global_max_backward(cells, &input, &grad_output, &mut expected);
        assert_eq!(grad, expected);
    }
}

#[test]
fn windows_are_clipped_where_source_says() {
    for input in 1..8 {
        for (kernel, stride, dilation) in [(1, 1, 1), (2, 1, 1), (3, 2, 1), (3, 1, 2), (4, 3, 3)] {
            for before in 0..=dilation * (kernel - 1) {
                let axis = axis(input, kernel, stride, [before, dilation * (kernel - 1)], dilation);
                for position in 0..axis.output {
                    let inside: Vec<usize> = (0..kernel).filter(|t| axis.source(position, *t).is_some()).collect();
                    assert_eq!(windows::taps(&axis, position).collect::<Vec<_>>(), inside, "{axis:?} at {position}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_geometry(g in any_pool(), batch in 1_usize..=2) {
        check(&g, batch);
    }
}
