use super::super::testing::{Vec, numbers, vec};
use super::*;

#[test]
fn sums_are_over_all_values() {
    for length in [0, 1, 7, 8, 9, 100, 1023, 1024, 1025, 3000] {
        let values: Vec<f32> = (0..length).map(|x| (x % 7) as f32).collect();
        let expected = (0..length).map(|x| x % 7).sum::<usize>();
        assert_eq!(sum(&values), expected as f32);
        assert_eq!(sum_of(&values, |x| 2.0 * x), 2.0 * expected as f64);
        assert_eq!(sum_pairs(&values, &vec![3.0; length], |a, b| a * b), 3.0 * expected as f64);
    }
}

#[test]
fn long_sums_stay_exact() {
    let values: Vec<f32> = numbers(1, 1 << 20).iter().map(|x| x + 100.0).collect();
    let expected: f64 = values.iter().map(|x| f64::from(*x)).sum();
    assert!((sum_of(&values, |x| x) / expected - 1.0).abs() < 1e-6);
}
