use super::super::reference;
use super::super::testing::{assert_close, numbers};
use super::*;

#[test]
fn each_channel_has_its_constants() {
    let (mean, std) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
    let input = numbers(1, 2 * 3 * 35);
    let (mut values, mut expected) = (input.clone(), input.clone());
    forward(35, &mean, &std, &mut values);
    reference::normalize_forward(35, &mean, &std, &mut expected);
    assert_close(&values, &expected, "forward");
    let (mut grad, mut expected) = (input.clone(), input);
    backward(35, &std, &mut grad);
    reference::normalize_backward(35, &std, &mut expected);
    assert_close(&grad, &expected, "backward");
}

#[test]
fn worked_by_hand() {
    let mut values = [1.0, 2.0, 30.0, 50.0];
    forward(2, &[1.0, 40.0], &[0.5, 10.0], &mut values);
    assert_eq!(values, [0.0, 2.0, -1.0, 1.0]);
}

#[test]
#[should_panic(expected = "5 values are not whole samples of 2×2")]
fn half_a_sample_is_refused() {
    forward(2, &[0.0; 2], &[1.0; 2], &mut [0.0; 5]);
}
