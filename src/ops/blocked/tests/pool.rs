//! Pools: maxima are exact, means are sums of a window.

use super::*;
use crate::ops::blocked::pool::forward;
use crate::ops::geometry::{Axis, Pool, output_cells};
use crate::ops::pool::{average_forward, max_forward};
use crate::ops::testing::any_pool;
use crate::ops::window::{Padding, Rounding, Window};
use proptest::prelude::*;

/// Both pools with every instruction set; `MOST` as in the others, of means.
fn check(g: &Pool, batch: usize, input: &[f32]) {
    const MOST: f64 = 1e-6;
    let cells = input_cells(&g.axes);
    let lying = blocked(g.channels, cells, input);
    let (mut max, mut mean) = (vec![0.0; batch * g.output_len()], vec![0.0; batch * g.output_len()]);
    reference::max_pool_forward(g, batch, &wide(input), &mut max);
    reference::average_pool_forward(g, batch, &wide(input), &mut mean);
    // The planar kernels are what these replace.
    let (mut planar_max, mut planar_mean) = (vec![f32::NAN; max.len()], vec![f32::NAN; max.len()]);
    max_forward(g, batch, input, &mut planar_max);
    average_forward(g, batch, input, &mut planar_mean);
    assert_error(&planar_max, &max, 0.0, || format!("{g:?} planar max"));
    assert_error(&planar_mean, &mean, MOST, || format!("{g:?} planar average"));
    for isa in Isa::available() {
        let mut output = vec![f32::NAN; max.len()];
        forward::<true>(g, batch, &lying, &mut output, isa);
        let output = planar(g.channels, output_cells(&g.axes), &output);
        assert_error(&output, &max, 0.0, || format!("{isa} {g:?} × {batch} max"));
        let mut output = vec![f32::NAN; max.len()];
        forward::<false>(g, batch, &lying, &mut output, isa);
        let output = planar(g.channels, output_cells(&g.axes), &output);
        assert_error(&output, &mean, MOST, || format!("{isa} {g:?} × {batch} average"));
    }
}

fn pool(channels: usize, axes: [Axis; 3]) -> Pool {
    Pool { channels, count_include_pad: false, axes }
}

#[test]
fn windows_strides_padding_and_ceil() {
    for kernel in 1..=7 {
        for stride in 1..=4 {
            for dilation in 1..=3 {
                for padding in [[0, 0], [kernel / 2, kernel / 2], [0, kernel / 2], [kernel / 2, 0]] {
                    for rounding in [Rounding::Floor, Rounding::Ceil] {
                        let padding = Padding::Cells(padding[0], padding[1]);
                        let window = Window { kernel, stride, padding, dilation };
                        for more in [0, 1, 4] {
                            let along = Axis::new(dilation * (kernel - 1) + 1 + more, &window, rounding);
                            for count_include_pad in [false, true] {
                                let flat = Pool { count_include_pad, ..pool(16, [Axis::UNIT, Axis::UNIT, along]) };
                                check(&flat, 1, &numbers(1, flat.input_len()));
                                let two = Window { kernel: 2, stride: 2, padding: Padding::Cells(0, 1), dilation: 1 };
                                let two = Axis::new(3, &two, rounding);
                                let deep = Pool { count_include_pad, ..pool(16, [two, along, two]) };
                                check(&deep, 1, &numbers(1, deep.input_len()));
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn windows_in_the_padding_alone_are_minus_infinity_and_zero() {
    let window = Window { kernel: 2, stride: 1, padding: Padding::Cells(3, 3), dilation: 1 };
    let axis = Axis::new(2, &window, Rounding::Floor);
    for axes in [[Axis::UNIT, Axis::UNIT, axis], [Axis::UNIT, axis, Axis::UNIT], [axis, axis, axis]] {
        for count_include_pad in [false, true] {
            let g = Pool { count_include_pad, ..pool(16, axes) };
            check(&g, 1, &numbers(1, g.input_len()));
        }
    }
}

/// Some numbers with NaN and ±∞ among them, and few distinct ones, so that there are ties.
fn with_exceptions(seed: u64, len: usize) -> Vec<f32> {
    let kinds = numbers(seed + 1, len);
    let value = |(x, kind): (&f32, &f32)| match (kind * 40.0) as i32 {
        39 => f32::NAN,
        38 => f32::INFINITY,
        35..38 => f32::NEG_INFINITY,
        34 => f32::from_bits(3),
        _ => (x * 4.0).round() / 4.0,
    };
    numbers(seed, len).iter().zip(&kinds).map(value).collect()
}

#[test]
fn nan_wins_wherever_it_is_under_the_window() {
    let window = |kernel, stride| Window { kernel, stride, padding: Padding::Cells(1, 1), dilation: 1 };
    for (kernel, stride) in [(2, 2), (3, 1), (3, 2), (4, 3)] {
        let axis = Axis::new(6, &window(kernel, stride), Rounding::Floor);
        let g = pool(16, [Axis::UNIT, axis, axis]);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for cell in 0..36 {
                let mut input = numbers(1, g.input_len());
                input[36 * 5 + cell] = bad;
                check(&g, 1, &input);
            }
        }
    }
}

#[test]
fn denormals_are_kept() {
    let axis = Axis::new(6, &Window { kernel: 2, stride: 2, ..Window::UNIT }, Rounding::Floor);
    let g = pool(16, [Axis::UNIT, axis, axis]);
    // Means of four multiples of four.
    let input: Vec<f32> = (0..g.input_len()).map(|i| (i % 13) as f32 * f32::from_bits(4)).collect();
    check(&g, 1, &input);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_geometry(g in any_pool(), blocks in 1_usize..=3, batch in 1_usize..=3, seed in any::<u64>()) {
        let g = Pool { channels: 16 * blocks, ..g };
        check(&g, batch, &numbers(seed >> 8, batch * g.input_len()));
        check(&g, batch, &with_exceptions(seed >> 8, batch * g.input_len()));
    }
}

/// Runs with operands that are so much too long or too short.
fn with_lengths<const MAX: bool>(input: usize, output: usize) {
    let g = pool(16, [Axis::UNIT, Axis::UNIT, Axis::new(6, &Window::UNIT, Rounding::Floor)]);
    forward::<MAX>(&g, 1, &vec![0.0; input], &mut vec![0.0; output], Isa::PORTABLE);
}

#[test]
#[should_panic(expected = "the input is [N, C, D, H, W]")]
fn a_short_input_panics() {
    with_lengths::<true>(95, 96);
}

#[test]
#[should_panic(expected = "the output is [N, C, D', H', W']")]
fn a_long_output_panics() {
    with_lengths::<false>(96, 97);
}
