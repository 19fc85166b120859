use super::super::reference;
use super::super::testing::{assert_close, format, numbers};
use super::*;

#[test]
fn one_slope_or_one_a_channel() {
    for (batch, channels, cells) in [(1, 1, 1), (2, 3, 1), (3, 5, 7), (2, 4, 64), (1, 2, 2051)] {
        for slopes in [1, channels] {
            let what = format!("[{batch}, {channels}, {cells}], {slopes} slopes");
            let (input, slope) = (numbers(1, batch * channels * cells), numbers(2, slopes));
            let grad_output = numbers(3, input.len());
            let (mut output, mut expected) = (input.clone(), input.clone());
            forward(cells, &slope, &mut output);
            reference::prelu_forward(cells, &slope, &mut expected);
            assert_close(&output, &expected, &what);

            // Not from zero: gradients accumulate.
            let start = || (numbers(4, input.len()), numbers(5, slopes));
            let ((mut gi, mut gs), (mut expected_gi, mut expected_gs)) = (start(), start());
            reference::prelu_backward(cells, &input, &slope, &grad_output, Some(&mut expected_gi), &mut expected_gs);
            backward(cells, &input, &slope, &grad_output, Some(&mut gi), &mut gs);
            assert_close(&gi, &expected_gi, &what);
            assert_close(&gs, &expected_gs, &what);
            let (_, mut gs) = start();
            backward(cells, &input, &slope, &grad_output, None, &mut gs);
            assert_close(&gs, &expected_gs, &what);
        }
    }
}

#[test]
fn worked_by_hand() {
    // Two channels of two cells with slopes ½ and −1.
    let (input, slope) = ([2.0, -4.0, 0.0, -3.0], [0.5, -1.0]);
    let mut values = input;
    forward(2, &slope, &mut values);
    assert_eq!(values, [2.0, -2.0, 0.0, 3.0]);
    let (mut grad_input, mut grad_slope) = ([0.0; 4], [0.0; 2]);
    backward(2, &input, &slope, &[1.0; 4], Some(&mut grad_input), &mut grad_slope);
    assert_eq!(grad_input, [1.0, 0.5, -1.0, -1.0], "at 0 the slope is a");
    assert_eq!(grad_slope, [-4.0, -3.0]);
}

#[test]
fn nan_stays_nan() {
    let mut values = [f32::NAN];
    forward(1, &[0.0], &mut values);
    assert!(values[0].is_nan());
}

#[test]
#[should_panic(expected = "7 values are not whole samples of 2×3")]
fn half_a_sample_is_refused() {
    forward(3, &[0.0; 2], &mut [0.0; 7]);
}
