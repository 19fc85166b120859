//! Batch normalisation, slopes and global pools.

use super::*;
use crate::ops::blocked::channels::{global_average, global_max, prelu, scale_and_shift};

/// Sizes `[N, C, cells]`.
const SIZES: [[usize; 3]; 8] =
    [[1, 16, 1], [2, 16, 7], [3, 48, 1], [1, 32, 49], [2, 64, 9], [1, 208, 4], [5, 16, 2], [1, 16, 300]];

/// Numbers with a NaN, both infinities, zeros and denormals among them.
fn with_exceptions(len: usize) -> Vec<f32> {
    let mut values = numbers(1, len);
    let exceptions = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, f32::from_bits(1), -f32::from_bits(9)];
    for (i, exception) in exceptions.into_iter().enumerate() {
        values[(i * 29 + 3) % len] = exception;
    }
    values
}

#[test]
fn batch_normalisation() {
    for [batch, channels, cells] in SIZES {
        let (scale, shift) = (numbers(2, channels), numbers(3, channels));
        let statistics: Vec<f64> = (0..2 * channels).map(|i| f64::from(u8::from(i >= channels))).collect();
        for input in [numbers(1, batch * channels * cells), with_exceptions(batch * channels * cells)] {
            let mut expected = vec![0.0; input.len()];
            // With mean 0, variance 1 and ε 0 it is a scale and a shift.
            let (gamma, beta) = (wide(&scale), wide(&shift));
            reference::batch_norm_forward(cells, 0.0, &gamma, &beta, &statistics, &wide(&input), &mut expected);
            for isa in Isa::available() {
                let mut values = blocked(channels, cells, &input);
                scale_and_shift(cells, &scale, &shift, &mut values, isa);
                let values = planar(channels, cells, &values);
                assert_error(&values, &expected, 1e-6, || format!("{isa} {batch} × {channels} × {cells}"));
            }
        }
    }
}

#[test]
fn slopes_of_all_and_of_each_channel() {
    for [batch, channels, cells] in SIZES {
        for slopes in [vec![0.25], vec![-0.5], numbers(2, channels), vec![0.0; channels]] {
            for input in [numbers(1, batch * channels * cells), with_exceptions(batch * channels * cells)] {
                let mut expected = wide(&input);
                reference::prelu_forward(cells, &wide(&slopes), &mut expected);
                let mut values = blocked(channels, cells, &input);
                prelu(channels, cells, &slopes, &mut values);
                let values = planar(channels, cells, &values);
                assert_error(&values, &expected, 1e-7, || format!("{batch} × {channels} × {cells}, {slopes:?}"));
            }
        }
    }
}

#[test]
fn a_slope_that_is_nan_shows_at_zero_as_in_the_planar_kernel() {
    let (mut lying, mut plain) = ([0.0; 16], [0.0; 16]);
    lying[3] = 1.0;
    plain[3] = 1.0;
    prelu(16, 1, &[f32::NAN], &mut lying);
    crate::ops::prelu::forward(1, &[f32::NAN], &mut plain);
    assert!(lying.iter().zip(&plain).all(|(a, b)| a == b || a.is_nan() && b.is_nan()), "{lying:?}");
}

#[test]
fn global_pools() {
    for [batch, channels, cells] in SIZES {
        for input in [numbers(1, batch * channels * cells), with_exceptions(batch * channels * cells)] {
            let (mut mean, mut max) = (vec![0.0; batch * channels], vec![0.0; batch * channels]);
            reference::global_average_forward(cells, &wide(&input), &mut mean);
            reference::global_max_forward(cells, &wide(&input), &mut max);
            let lying = blocked(channels, cells, &input);
            for isa in Isa::available() {
                let mut output = vec![f32::NAN; mean.len()];
                global_average(cells, &lying, &mut output, isa);
                assert_error(&output, &mean, 1e-6, || format!("{isa} {batch} × {channels} × {cells} average"));
                let mut output = vec![f32::NAN; max.len()];
                global_max(cells, &lying, &mut output, isa);
                assert_error(&output, &max, 0.0, || format!("{isa} {batch} × {channels} × {cells} max"));
            }
        }
    }
}

/// 112 · 112 cells of one sign, as behind a ReLU.
#[test]
fn the_mean_of_many_cells_is_as_exact_as_the_planar_one() {
    let cells = 112 * 112;
    let input: Vec<f32> = numbers(1, 16 * cells).iter().map(|x| x.abs()).collect();
    let mut expected = [0.0; 16];
    reference::global_average_forward(cells, &wide(&input), &mut expected);
    let mut plain = [f32::NAN; 16];
    crate::ops::pool::global_average_forward(cells, &input, &mut plain);
    assert_error(&plain, &expected, 1e-5, || "planar".into());
    for isa in Isa::available() {
        let mut output = [f32::NAN; 16];
        global_average(cells, &blocked(16, cells, &input), &mut output, isa);
        println!("{isa}: {:e}, planar {:e}", error(&output, &expected), error(&plain, &expected));
        assert_error(&output, &expected, 1e-5, || format!("{isa}"));
    }
}

#[test]
#[should_panic(expected = "the values are [N, C, cells]")]
fn half_a_sample_panics() {
    scale_and_shift(2, &[0.0; 16], &[0.0; 16], &mut [0.0; 48], Isa::PORTABLE);
}

#[test]
#[should_panic(expected = "scale and shift are [C]")]
fn scale_without_shift_panics() {
    scale_and_shift(2, &[0.0; 16], &[0.0; 15], &mut [0.0; 32], Isa::PORTABLE);
}

#[test]
#[should_panic(expected = "the values are [N, C, cells]")]
fn slopes_of_half_a_sample_panic() {
    prelu(32, 2, &[0.0], &mut [0.0; 32]);
}

#[test]
#[should_panic(expected = "the slopes are [C] or one")]
fn slopes_of_other_channels_panic() {
    prelu(32, 2, &[0.0; 48], &mut [0.0; 64]);
}

#[test]
#[should_panic(expected = "the input is [N, C, cells]")]
fn a_mean_of_another_number_of_cells_panics() {
    global_average(3, &[0.0; 32], &mut [0.0; 16], Isa::PORTABLE);
}

#[test]
#[should_panic(expected = "the input is [N, C, cells]")]
fn a_maximum_of_another_number_of_cells_panics() {
    global_max(3, &[0.0; 32], &mut [0.0; 16], Isa::PORTABLE);
}
