use super::super::reference;
use super::super::testing::{Vec, assert_close, numbers, vec, wide};
use super::*;

#[test]
fn cross_entropy_is_the_textbooks_in_f64() {
    for (n, classes) in [(1, 1), (1, 2), (5, 10), (64, 10), (3, 1000)] {
        let logits: Vec<f32> = numbers(1, n * classes).iter().map(|x| x * 20.0).collect();
        let targets: Vec<usize> = (0..n).map(|n| n * 7 % classes).collect();
        let (mut grad, mut wide_grad) = (vec![f32::NAN; n * classes], vec![f64::NAN; n * classes]);
        let loss = cross_entropy(classes, &logits, &targets, &mut grad);
        let expected = reference::cross_entropy(classes, &wide(&logits), &targets, &mut wide_grad);
        assert_close(&[loss], &[expected as f32], "loss");
        assert_close(&grad, &wide_grad.iter().map(|x| *x as f32).collect::<Vec<_>>(), "gradient");
    }
}

#[test]
fn a_class_at_each_position() {
    for (n, classes, positions) in [(1, 3, 1), (2, 3, 5), (3, 10, 17), (2, 21, 64)] {
        let logits: Vec<f32> = numbers(1, n * classes * positions).iter().map(|x| x * 20.0).collect();
        let targets: Vec<usize> = (0..n * positions).map(|n| n * 7 % classes).collect();
        let (mut grad, mut wide_grad) = (vec![f32::NAN; logits.len()], vec![f64::NAN; logits.len()]);
        let loss = channel_cross_entropy([classes, positions], &logits, &targets, &mut grad);
        let sizes = [classes, positions];
        let expected = reference::channel_cross_entropy(sizes, &wide(&logits), &targets, &mut wide_grad);
        assert_close(&[loss], &[expected as f32], "loss");
        assert_close(&grad, &wide_grad.iter().map(|x| *x as f32).collect::<Vec<_>>(), "gradient");
    }
}

#[test]
fn cross_entropy_of_even_odds_is_log_c() {
    let mut grad = [0.0; 4];
    let loss = cross_entropy(4, &[7.0; 4], &[2], &mut grad);
    assert!((loss - 4.0_f32.ln()).abs() < 1e-6);
    assert_eq!(grad, [0.25, 0.25, -0.75, 0.25]);
}

#[test]
fn cross_entropy_survives_large_logits() {
    let mut grad = [0.0; 2];
    assert_eq!(cross_entropy(2, &[1e4, -1e4], &[1], &mut grad), 2e4);
    assert_eq!(grad, [1.0, -1.0]);
}

#[test]
#[should_panic(expected = "a target is below the 3 classes")]
fn a_target_beyond_the_classes_is_refused() {
    cross_entropy(3, &[0.0; 3], &[3], &mut [0.0; 3]);
}

#[test]
fn mean_squared_error_worked_by_hand() {
    let mut grad = [f32::NAN; 2];
    // ((1 − 3)² + (5 − 4)²) / 2
    assert_eq!(mean_squared_error(&[1.0, 5.0], &[3.0, 4.0], &mut grad), 2.5);
    assert_eq!(grad, [-2.0, 1.0]);
    let (y, t) = (numbers(1, 100), numbers(2, 100));
    let (mut grad, mut expected) = ([0.0; 100], [0.0; 100]);
    let loss = mean_squared_error(&y, &t, &mut grad);
    assert_close(&[loss], &[reference::mean_squared_error(&y, &t, &mut expected)], "loss");
    assert_close(&grad, &expected, "gradient");
}

#[test]
fn nothing_costs_nothing() {
    assert_eq!(cross_entropy(3, &[], &[], &mut []), 0.0);
    assert_eq!(mean_squared_error(&[], &[], &mut []), 0.0);
}
