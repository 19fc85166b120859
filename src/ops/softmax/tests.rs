use super::super::reference;
use super::super::testing::{Vec, assert_close, format, numbers, wide};
use super::*;

fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|x| *x as f32).collect()
}

#[test]
fn rows_are_those_of_the_textbook_in_f64() {
    for columns in [1, 2, 3, 10, 128] {
        for scale in [1.0, 30.0, 1000.0] {
            let what = format!("{columns} columns up to {scale}");
            let logits: Vec<f32> = numbers(1, 3 * columns).iter().map(|x| x * scale).collect();
            let (mut y, mut log_y) = (logits.clone(), logits.clone());
            forward(columns, &mut y);
            log_forward(columns, &mut log_y);
            let (mut wide_y, mut wide_log_y) = (wide(&logits), wide(&logits));
            reference::softmax(columns, &mut wide_y);
            reference::log_softmax(columns, &mut wide_log_y);
            assert_close(&y, &narrow(&wide_y), &what);
            assert_close(&log_y, &narrow(&wide_log_y), &what);

            let grad_output = numbers(2, 3 * columns);
            let (mut grad, mut log_grad) = (grad_output.clone(), grad_output.clone());
            backward(columns, &y, &mut grad);
            log_backward(columns, &log_y, &mut log_grad);
            let (mut wide_grad, mut wide_log_grad) = (wide(&grad_output), wide(&grad_output));
            reference::softmax_backward(columns, &wide_y, &mut wide_grad);
            reference::log_softmax_backward(columns, &wide_log_y, &mut wide_log_grad);
            assert_close(&grad, &narrow(&wide_grad), &what);
            assert_close(&log_grad, &narrow(&wide_log_grad), &what);
        }
    }
}

/// All four functions over the channels against the textbook in f64.
fn check_channels(batch: usize, sizes: [usize; 2]) {
    let what = format!("{batch} × {sizes:?}");
    let logits: Vec<f32> = numbers(1, batch * sizes[0] * sizes[1]).iter().map(|x| x * 20.0).collect();
    let grad_output = numbers(2, logits.len());
    let (mut y, mut log_y) = (logits.clone(), logits.clone());
    channel_forward(sizes, &mut y);
    channel_log_forward(sizes, &mut log_y);
    let (mut wide_y, mut wide_log_y) = (wide(&logits), wide(&logits));
    reference::channel_softmax(sizes, &mut wide_y);
    reference::channel_log_softmax(sizes, &mut wide_log_y);
    assert_close(&y, &narrow(&wide_y), &what);
    assert_close(&log_y, &narrow(&wide_log_y), &what);
    let (mut grad, mut log_grad) = (grad_output.clone(), grad_output.clone());
    channel_backward(sizes, &y, &mut grad);
    channel_log_backward(sizes, &log_y, &mut log_grad);
    let (mut wide_grad, mut wide_log_grad) = (wide(&grad_output), wide(&grad_output));
    reference::channel_softmax_backward(sizes, &wide_y, &mut wide_grad);
    reference::channel_log_softmax_backward(sizes, &wide_log_y, &mut wide_log_grad);
    assert_close(&grad, &narrow(&wide_grad), &what);
    assert_close(&log_grad, &narrow(&wide_log_grad), &what);
}

#[test]
fn channels_at_each_position() {
    for batch in 1..3 {
        for channels in [1, 2, 3, 21] {
            for positions in [1, 2, 15, 16, 17, 49, 160] {
                check_channels(batch, [channels, positions]);
            }
        }
    }
}

#[test]
fn channels_of_a_transposed_value_are_its_rows() {
    // [3, 5] over channels is its transpose [5, 3] over rows, to the last bit.
    let input = numbers(1, 15);
    let transposed = |values: &[f32], columns: usize| -> Vec<f32> {
        (0..15).map(|at| values[at % (15 / columns) * columns + at / (15 / columns)]).collect()
    };
    let (mut over_channels, mut rows) = (input.clone(), transposed(&input, 5));
    channel_forward([3, 5], &mut over_channels);
    forward(3, &mut rows);
    assert_eq!(transposed(&over_channels, 5), rows);
}

#[test]
fn infinities_and_nan_are_pytorchs() {
    const INF: f32 = f32::INFINITY;
    let softmax = |mut row: [f32; 2]| {
        forward(2, &mut row);
        row
    };
    assert_eq!(softmax([-INF, 3.0]), [0.0, 1.0]);
    assert!(softmax([-INF, -INF]).iter().all(|x| x.is_nan()));
    assert!(softmax([INF, 0.0]).iter().all(|x| x.is_nan()), "as in PyTorch, where ∞ − ∞ is NaN too");
    assert!(softmax([f32::NAN, 0.0]).iter().all(|x| x.is_nan()));
    let mut row = [-INF, 3.0];
    log_forward(2, &mut row);
    assert_eq!(row, [-INF, 0.0]);
    let mut row = [f32::NAN, 0.0];
    log_forward(2, &mut row);
    assert!(row.iter().all(|x| x.is_nan()));
}

#[test]
fn a_row_adds_up_to_one_and_a_shift_changes_nothing() {
    let logits = [1.0, 2.0, 4.0];
    let (mut y, mut shifted) = (logits, logits.map(|x| x + 64.0));
    forward(3, &mut y);
    forward(3, &mut shifted);
    assert_eq!(y, shifted, "64 more is exact for these");
    assert!((y.iter().sum::<f32>() - 1.0).abs() < 1e-6);
}

#[test]
#[should_panic(expected = "7 values are not whole rows of 3")]
fn half_a_row_is_refused() {
    forward(3, &mut [0.0; 7]);
}
