use super::super::testing::{Vec, numbers};
use super::*;

#[test]
fn channels_of_each_sample_stand_side_by_side() {
    // Two samples of 2 and 1 channels of two cells.
    let (first, second) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [10.0, 20.0, 30.0, 40.0]);
    let mut joined = [f32::NAN; 12];
    forward(2, 0, &first, &mut joined);
    forward(2, 4, &second, &mut joined);
    assert_eq!(joined, [1.0, 2.0, 3.0, 4.0, 10.0, 20.0, 5.0, 6.0, 7.0, 8.0, 30.0, 40.0]);
}

#[test]
fn each_part_takes_its_gradient() {
    let (grad, mut parts) = (numbers(1, 3 * 7), [numbers(2, 3 * 2), numbers(3, 3 * 5)]);
    let before = parts.clone();
    let [first, second] = &mut parts;
    backward(3, 0, &grad, first);
    backward(3, 2, &grad, second);
    for (part, (start, len)) in [(0, 2), (2, 5)].into_iter().enumerate() {
        let expected: Vec<f32> = (0..3 * len).map(|i| before[part][i] + grad[i / len * 7 + start + i % len]).collect();
        assert_eq!(parts[part], expected);
    }
}

#[test]
fn nothing_joins_to_nothing() {
    forward(0, 0, &[], &mut []);
    forward(2, 3, &[], &mut [0.0; 6]);
}

#[test]
#[should_panic(expected = "values 2..5 are beyond the 4 of a joined sample")]
fn a_part_that_does_not_fit_is_refused() {
    forward(1, 2, &[0.0; 3], &mut [0.0; 4]);
}
