//! Values in another order, against the orders of floats.

use super::*;
use crate::ops::quantized::order;
use crate::ops::quantized::requantize::Scale;
use crate::ops::{Dims, Permutation, permute};

/// The first values of a slice with slack.
fn without_slack(values: &[u8]) -> Vec<u8> {
    values[..values.len() - SLACK].to_vec()
}

#[test]
fn floats_go_in_and_out_in_their_order() {
    let scale = Scale { scale: 0.5, zero: 10 };
    let input = [0.0, 0.5, 1.0, 10.0, -20.0, 3.3];
    let (mut inside, mut output) = ([0; 6], [0.0; 6]);
    order::quantize(2, &scale, &input, &mut inside);
    assert_eq!(inside, [10, 30, 11, 0, 12, 17]);
    order::dequantize(2, &scale, &inside, &mut output);
    assert_eq!(output, [0.0, 0.5, 1.0, 10.0, -5.0, 3.5]);
    order::quantize(1, &scale, &input, &mut inside);
    assert_eq!(inside, [10, 11, 12, 30, 0, 17]);
}

#[test]
fn reshaping_keeps_the_order_with_channels_first() {
    let values = bytes(1, 60);
    for from in [Dims::new(&[60]), Dims::new(&[3, 20]), Dims::new(&[5, 3, 4]), Dims::new(&[2, 5, 3, 2])] {
        for to in [Dims::new(&[60]), Dims::new(&[4, 15]), Dims::new(&[6, 2, 5]), Dims::new(&[5, 2, 3, 2])] {
            let mut output = vec![0; 60];
            order::reshape(&from, &to, &interleaved(from.size(0), &values), &mut output);
            assert_eq!(output, without_slack(&interleaved(to.size(0), &values)), "{from} to {to}");
        }
    }
}

#[test]
fn permuting_is_that_of_floats() {
    let values = bytes(2, 120);
    let floats: Vec<f32> = values.iter().map(|x| f32::from(*x)).collect();
    let sizes = Dims::new(&[2, 3, 4, 5]);
    for axes in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 2, 3], [2, 3, 0, 1], [0, 3, 1, 2]] {
        let permutation = Permutation { rank: 4, axes };
        let mut expected = vec![0.0; 120];
        permute::forward(&permutation, &sizes, 1, &floats, &mut expected);
        let expected: Vec<u8> = expected.iter().map(|x| *x as u8).collect();
        let mut output = vec![0; 120];
        order::permute(&permutation, &sizes, &interleaved(2, &values), &mut output);
        assert_eq!(output, without_slack(&interleaved(sizes.size(axes[0]), &expected)), "{axes:?}");
    }
    let mut output = vec![0; 6];
    order::permute(&Permutation { rank: 2, axes: [1, 0, 0, 0] }, &Dims::new(&[2, 3]), &[0, 3, 1, 4, 2, 5], &mut output);
    assert_eq!(output, [0, 1, 2, 3, 4, 5]);
}
