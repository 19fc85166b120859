use super::super::testing::{numbers, vec};
use super::*;

#[test]
fn the_hash_is_splitmix64() {
    // The first outputs of the published generator started at 1234567.
    let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
    for (index, expected) in expected.into_iter().enumerate() {
        assert_eq!(split_mix(1_234_567, index as u64), expected);
    }
}

#[test]
fn a_share_of_p_is_lost_and_the_mean_is_kept() {
    for probability in [0.1, 0.25, 0.5, 0.9] {
        let mut values = vec![1.0; 100_000];
        forward(probability, 42, &mut values);
        let lost = values.iter().filter(|x| **x == 0.0).count() as f32 / 1e5;
        assert!((lost - probability).abs() < 0.006, "{lost} of {probability} lost");
        assert!(values.iter().all(|x| *x == 0.0 || *x == 1.0 / (1.0 - probability)));
        let mean = values.iter().sum::<f32>() / 1e5;
        assert!((mean - 1.0).abs() < 0.06, "mean {mean}");
    }
}

#[test]
fn probability_zero_keeps_all_and_one_keeps_none() {
    let values = numbers(1, 100);
    let mut all = values.clone();
    forward(0.0, 1, &mut all);
    assert_eq!(all, values);
    let mut none = values;
    none[3] = f32::NAN;
    forward(1.0, 1, &mut none);
    assert_eq!(none, [0.0; 100]);
}

#[test]
fn backward_finds_the_same_mask_and_seeds_differ() {
    let (mut values, mut grad, mut other) = ([1.0; 64], [1.0; 64], [1.0; 64]);
    forward(0.5, 7, &mut values);
    backward(0.5, 7, &mut grad);
    forward(0.5, 8, &mut other);
    assert_eq!(values, grad);
    assert_ne!(values, other);
}

#[test]
#[should_panic(expected = "1.5 is no probability")]
fn a_probability_above_one_is_refused() {
    forward(1.5, 0, &mut []);
}
