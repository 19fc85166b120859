use super::super::reference;
use super::super::testing::{Vec, assert_close, numbers, wide};
use super::*;

const ALL: [Activation; 3] = [Activation::Relu, Activation::Tanh, Activation::Sigmoid];

#[test]
fn values_are_those_of_the_textbook() {
    for activation in ALL {
        for length in [0, 1, 7, 8, 9, 1031] {
            let scaled: Vec<f32> = numbers(1, length).iter().map(|x| x * 12.0).collect();
            let (mut got, mut expected) = (scaled.clone(), wide(&scaled));
            apply(activation, &mut got);
            reference::activation_forward(activation, &mut expected);
            let expected: Vec<f32> = expected.iter().map(|x| *x as f32).collect();
            assert_close(&got, &expected, "forward");
            let (mut grad, mut expected_grad) = (numbers(2, length), numbers(2, length));
            backward(activation, &got, &mut grad);
            reference::activation_backward(activation, &got, &mut expected_grad);
            assert_close(&grad, &expected_grad, "backward");
        }
    }
}

#[test]
fn nan_stays_nan() {
    for activation in ALL {
        let mut values = [f32::NAN];
        apply(activation, &mut values);
        assert!(values[0].is_nan(), "{activation:?}");
        let mut values = [f32::NAN];
        apply_with_bias(Some(&1.0), Some(activation), &mut values);
        assert!(values[0].is_nan(), "{activation:?} with a bias");
    }
}

#[test]
fn infinities_saturate() {
    let ends = |activation| {
        let mut values = [f32::NEG_INFINITY, -1e30, 1e30, f32::INFINITY];
        apply(activation, &mut values);
        values
    };
    assert_eq!(ends(Activation::Relu), [0.0, 0.0, 1e30, f32::INFINITY]);
    assert_eq!(ends(Activation::Tanh), [-1.0, -1.0, 1.0, 1.0]);
    assert_eq!(ends(Activation::Sigmoid), [0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn relu_has_no_gradient_at_zero() {
    let mut grad = [5.0, 5.0, 5.0];
    backward(Activation::Relu, &[0.0, -0.0, 1e-30], &mut grad);
    assert_eq!(grad, [0.0, 0.0, 5.0]);
}

#[test]
fn the_sum_is_over_all_values() {
    for length in [0, 1, 7, 8, 9, 100] {
        assert_eq!(sum(&(0..length).map(|x| x as f32).collect::<Vec<_>>()), (0..length).sum::<usize>() as f32);
    }
}
