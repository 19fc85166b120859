use super::super::reference;
use super::super::testing::{Vec, assert_close, format, numbers, wide};
use super::*;

const ALL: [Activation; 14] = [
    Activation::Relu,
    Activation::LeakyRelu(0.01),
    Activation::LeakyRelu(-0.5),
    Activation::Elu(1.0),
    Activation::Elu(2.5),
    Activation::Elu(-1.5),
    Activation::Selu,
    Activation::Gelu,
    Activation::Silu,
    Activation::Clamp(0.0, 6.0),
    Activation::Clamp(-1.5, 0.5),
    Activation::HardSwish,
    Activation::Tanh,
    Activation::Sigmoid,
];

fn applied(activation: Activation, input: &[f32]) -> Vec<f32> {
    let mut output = input.to_vec();
    apply(activation, &mut output);
    output
}

/// f′ at each input, by way of the output where that is enough.
fn slopes(activation: Activation, input: &[f32]) -> Vec<f32> {
    let output = applied(activation, input);
    let mut grad: Vec<f32> = input.iter().map(|_| 1.0).collect();
    backward(activation, if activation.derives_from_output() { &output } else { input }, &mut grad);
    grad
}

#[test]
fn values_and_slopes_are_those_of_the_textbook_in_f64() {
    for activation in ALL {
        for (length, scale) in [(0, 1.0), (1, 1.0), (7, 4.0), (8, 0.01), (9, 40.0), (1031, 12.0)] {
            let what = format!("{activation:?} up to {scale}");
            let input: Vec<f32> = numbers(1, length).iter().map(|x| x * scale).collect();
            let (mut expected, mut grad) = (wide(&input), wide(&Vec::from_iter(input.iter().map(|_| 1.0))));
            reference::activation_backward(activation, &expected, &mut grad);
            reference::activation_forward(activation, &mut expected);
            let narrow = |values: &[f64]| values.iter().map(|x| *x as f32).collect::<Vec<_>>();
            assert_close(&applied(activation, &input), &narrow(&expected), &what);
            assert_close(&slopes(activation, &input), &narrow(&grad), &what);
        }
    }
}

#[test]
fn slopes_at_kinks_are_pytorchs() {
    let at = |activation, x| {
        let mut expected = [1.0];
        reference::activation_backward(activation, &[x], &mut expected);
        let slope = slopes(activation, &[x])[0];
        assert!((slope - expected[0]).abs() < 1e-6, "{activation:?} at {x}: {slope}, textbook {}", expected[0]);
        slope
    };
    for zero in [0.0, -0.0] {
        assert_eq!(at(Activation::Relu, zero), 0.0);
        assert_eq!(at(Activation::LeakyRelu(0.25), zero), 0.25);
        assert_eq!(at(Activation::LeakyRelu(-0.25), zero), -0.25);
        assert_eq!(at(Activation::Elu(0.5), zero), 0.5);
        assert_eq!(at(Activation::Elu(-0.5), zero), -0.5);
        assert!((at(Activation::Selu, zero) - 1.758_099_3).abs() < 1e-6);
    }
    assert_eq!([0.0, 3.0, 6.0].map(|x| at(Activation::Clamp(0.0, 6.0), x)), [0.0, 1.0, 0.0]);
    assert_eq!([-3.0, 3.0].map(|x| at(Activation::HardSwish, x)), [0.0, 1.0]);
    assert_eq!(at(Activation::Relu, 1e-30), 1.0);
}

#[test]
fn a_gradient_is_scaled_not_replaced() {
    let (input, grad) = (numbers(1, 40), numbers(2, 40));
    for activation in ALL {
        let expected: Vec<f32> = slopes(activation, &input).iter().zip(&grad).map(|(f, grad)| f * grad).collect();
        let (output, mut got) = (applied(activation, &input), grad.clone());
        backward(activation, if activation.derives_from_output() { &output } else { &input }, &mut got);
        assert_close(&got, &expected, &format!("{activation:?}"));
    }
}

#[test]
fn nan_stays_nan() {
    for activation in ALL {
        assert!(applied(activation, &[f32::NAN])[0].is_nan(), "{activation:?}");
        let mut values = [f32::NAN];
        apply_with_bias(Some(&1.0), Some(activation), &mut values);
        assert!(values[0].is_nan(), "{activation:?} with a bias");
    }
}

#[test]
fn infinities_saturate() {
    const INF: f32 = f32::INFINITY;
    let ends = |activation| applied(activation, &[-INF, -1e30, 1e30, INF]);
    assert_eq!(ends(Activation::Relu), [0.0, 0.0, 1e30, INF]);
    assert_eq!(ends(Activation::LeakyRelu(0.5)), [-INF, -5e29, 1e30, INF]);
    assert_eq!(ends(Activation::Elu(2.0)), [-2.0, -2.0, 1e30, INF]);
    assert_eq!(ends(Activation::Clamp(-1.0, 6.0)), [-1.0, -1.0, 6.0, 6.0]);
    assert_eq!(ends(Activation::Tanh), [-1.0, -1.0, 1.0, 1.0]);
    assert_eq!(ends(Activation::Sigmoid), [0.0, 0.0, 1.0, 1.0]);
    for activation in [Activation::Gelu, Activation::Silu, Activation::HardSwish] {
        assert_eq!(applied(activation, &[-1024.0, 1024.0]), [0.0, 1024.0], "{activation:?}");
        assert_eq!(slopes(activation, &[-1e4, 1e4]), [0.0, 1.0], "{activation:?}");
    }
}
