use super::super::reference;
use super::super::testing::{Vec, any_conv, assert_close, numbers, square_conv, vec};
use super::*;
use proptest::prelude::*;

#[test]
fn the_4x16_matrix_of_3x3_on_4x4_and_its_transpose() {
    let g = Conv { bias: false, ..square_conv([1, 1], 4, 3, 1, 0) };
    let kernel = [1., 2., 3., 4., 5., 6., 7., 8., 9.];
    let mut rows = [f32::NAN; 4 * 16];
    matrix(&g, &kernel, &mut rows);
    let expected = [
        [1., 2., 3., 0., 4., 5., 6., 0., 7., 8., 9., 0., 0., 0., 0., 0.],
        [0., 1., 2., 3., 0., 4., 5., 6., 0., 7., 8., 9., 0., 0., 0., 0.],
        [0., 0., 0., 0., 1., 2., 3., 0., 4., 5., 6., 0., 7., 8., 9., 0.],
        [0., 0., 0., 0., 0., 1., 2., 3., 0., 4., 5., 6., 0., 7., 8., 9.],
    ];
    assert_eq!(rows, *expected.as_flattened());
}

#[test]
fn kernels_that_are_a_column_times_a_row() {
    let (mut column, mut row) = ([0.0; 3], [0.0; 3]);
    let smooth = [1., 2., 1., 2., 4., 2., 1., 2., 1.];
    assert!(separate(&smooth, 0.0, &mut column, &mut row));
    assert_eq!((column, row), ([1., 2., 1.], [1., 2., 1.]));
    let second_row_only = [0., 0., 0., 3., -6., 1., 0., 0., 0.];
    assert!(separate(&second_row_only, 0.0, &mut column, &mut row));
    assert_eq!((column, row), ([0., 1., 0.], [3., -6., 1.]));
    assert!(separate(&[0.0; 9], 0.0, &mut column, &mut row));
    assert_eq!((column, row), ([0.0; 3], [0.0; 3]));
    assert!(separate(&[2.0; 9], 0.0, &mut column, &mut row));
    assert_eq!((column, row), ([1.0; 3], [2.0; 3]));
}

#[test]
fn kernels_that_are_not_leave_the_factors_alone() {
    let (mut column, mut row) = ([7.0; 2], [7.0; 2]);
    assert!(!separate(&[1., 0., 0., 1.], 0.0, &mut column, &mut row));
    assert_eq!((column, row), ([7.0; 2], [7.0; 2]));
    // 3 · ⅓ is not 1 in f32, and the exact test knows.
    let third = 1.0 / 3.0;
    assert!(!is_separable([2, 2], &[3.0, 1.0, 1.0, third], 0.0));
    assert!(is_separable([2, 2], &[3.0, 1.0, 1.0, third], 1e-6));
}

#[test]
fn what_is_nearly_zero_does_not_scale_the_factors() {
    let (mut column, mut row) = ([0.0; 2], [0.0; 2]);
    assert!(separate(&[1e-9, -1e-9, 2.0, 4.0], 1e-6, &mut column, &mut row));
    assert_close(&column, &[0.0, 1.0], "column");
    assert_close(&row, &[2.0, 4.0], "row");
}

#[test]
fn spec_6x6_with_a_separable_3x3_takes_72_and_48_multiplications_instead_of_144() {
    let g = square_conv([1, 1], 6, 3, 1, 0);
    assert_eq!(multiplications(&g), 144);
    assert_eq!(spatially_separated(&g).map(|g| multiplications(&g)), [72, 48]);
}

#[test]
fn spec_8x8x3_to_6x6x72_takes_69984_multiplications_or_8748() {
    let g = square_conv([3, 72], 8, 3, 1, 0);
    assert_eq!(multiplications(&g), 69_984);
    let passes = depthwise_separated(&g);
    assert_eq!(passes.map(|g| multiplications(&g)).iter().sum::<usize>(), 8_748);
    assert_eq!(passes[1].output_len(), g.output_len());
}

/// Two channels with two kernels each.
#[test]
fn two_passes_are_one() {
    let g = Conv { groups: 2, ..square_conv([2, 4], 7, 3, 2, 1) };
    let (columns, rows, input) = (numbers(1, 12), numbers(2, 12), numbers(3, g.input_len()));
    let kernels: Vec<f32> = (0..36).map(|at| columns[at / 9 * 3 + at / 3 % 3] * rows[at / 9 * 3 + at % 3]).collect();
    let [first, second] = spatially_separated(&g);
    let (mut expected, mut output) = (vec![0.0; g.output_len()], vec![0.0; g.output_len()]);
    let mut middle = vec![0.0; first.output_len()];
    let bias = [1.0, 2.0, 3.0, 4.0];
    reference::conv_forward(&g, 1, &input, &kernels, &bias, &mut expected);
    reference::conv_forward(&first, 1, &input, &columns, &[], &mut middle);
    reference::conv_forward(&second, 1, &middle, &rows, &bias, &mut output);
    assert_close(&output, &expected, "column, then row");
}

proptest! {
    #[test]
    fn the_matrix_is_the_convolution_and_its_transpose_the_transposed(g in any_conv()) {
        prop_assume!(matrix_floats(&g) < 200_000);
        let g = Conv { bias: false, ..g };
        let (weight, input, output) = (numbers(1, g.weight_len()), numbers(2, g.input_len()), numbers(3, g.output_len()));
        let mut rows = vec![f32::NAN; matrix_floats(&g)];
        matrix(&g, &weight, &mut rows);
        let mut expected = vec![0.0; g.output_len()];
        reference::conv_forward(&g, 1, &input, &weight, &[], &mut expected);
        let mut got = vec![0.0; g.output_len()];
        for (y, row) in got.iter_mut().zip(rows.chunks(g.input_len())) {
            *y = row.iter().zip(&input).map(|(m, x)| m * x).sum();
        }
        assert_close(&got, &expected, "matrix");
        let mut expected = vec![0.0; g.input_len()];
        reference::conv_transposed(&g, 1, &output, &weight, &[], &mut expected);
        let mut got = vec![0.0; g.input_len()];
        for (row, y) in rows.chunks(g.input_len()).zip(&output) {
            got.iter_mut().zip(row).for_each(|(x, m)| *x += m * y);
        }
        assert_close(&got, &expected, "transpose");
    }
}
