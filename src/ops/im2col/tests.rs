use super::super::testing::{Vec, any_conv, assert_close, axis, numbers, square_conv, vec};
use super::*;
use proptest::prelude::*;

/// columns[t, o] = input[source(o, t)], 0 in the padding.
fn textbook(g: &Conv, group: usize, input: &[f32]) -> Vec<f32> {
    let [d, h, w] = g.axes;
    let channels = g.in_channels / g.groups;
    let mut columns = Vec::new();
    for tap in 0..g.taps() {
        let (tap, kw) = (tap / w.kernel, tap % w.kernel);
        let (tap, kh) = (tap / h.kernel, tap % h.kernel);
        let (channel, kd) = (group * channels + tap / d.kernel, tap % d.kernel);
        for position in 0..output_cells(&g.axes) {
            let (row, ow) = (position / w.output, position % w.output);
            let (od, oh) = (row / h.output, row % h.output);
            columns.push(match (d.source(od, kd), h.source(oh, kh), w.source(ow, kw)) {
                (Some(id), Some(ih), Some(iw)) => input[((channel * d.input + id) * h.input + ih) * w.input + iw],
                _ => 0.0,
            });
        }
    }
    columns
}

/// The whole matrix, a strip at a time.
fn by_strips(g: &Conv, group: usize, input: &[f32], length: usize) -> Vec<f32> {
    let positions = output_cells(&g.axes);
    let mut whole = vec![f32::NAN; g.taps() * positions];
    for start in (0..positions).step_by(length) {
        let strip = start..positions.min(start + length);
        let mut columns = vec![f32::NAN; g.taps() * strip.len()];
        im2col(g, group, input, strip.clone(), &mut columns);
        for (row, part) in whole.chunks_mut(positions).zip(columns.chunks(strip.len())) {
            row[strip.clone()].copy_from_slice(part);
        }
    }
    whole
}

fn check(g: &Conv, length: usize) {
    let input = numbers(1, g.input_len());
    for group in 0..g.groups {
        let expected = textbook(g, group, &input);
        assert_eq!(by_strips(g, group, &input, length), expected, "{g:?} in strips of {length}");
        // The adjoint: ⟨columns, im2col x⟩ = ⟨col2im columns, x⟩ for any columns.
        let positions = output_cells(&g.axes);
        let columns = numbers(2, g.taps() * positions);
        let mut back = vec![0.0; g.input_len()];
        col2im(g, group, &columns, 0..positions, &mut back);
        let inner = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>() as f32;
        assert_close(&[inner(&back, &input)], &[inner(&columns, &expected)], "adjoint");
    }
}

#[test]
fn reach_is_where_source_says() {
    for input in 1..9 {
        for kernel in 1..5 {
            for (stride, dilation) in [(1, 1), (2, 1), (1, 2), (3, 2), (2, 3)] {
                for before in 0..=dilation * (kernel - 1) {
                    let axis = axis(input, kernel, stride, [before, dilation * (kernel - 1)], dilation);
                    for tap in 0..kernel {
                        let inside: Vec<usize> = (0..axis.output).filter(|o| axis.source(*o, tap).is_some()).collect();
                        assert_eq!(reach(&axis, tap).collect::<Vec<_>>(), inside, "{axis:?} tap {tap}");
                    }
                }
            }
        }
    }
}

#[test]
fn strips_of_every_length_make_the_same_columns() {
    let g = square_conv([2, 3], 7, 3, 1, 1);
    for length in 1..=49 {
        check(&g, length);
    }
}

#[test]
fn col2im_after_im2col_counts_the_patches_of_each_cell() {
    // 4×4 under a 3×3 window: corners are in one patch, edges in two, the middle in four.
    let g = square_conv([1, 1], 4, 3, 1, 0);
    let mut columns = vec![0.0; 9 * 4];
    im2col(&g, 0, &[1.0; 16], 0..4, &mut columns);
    let mut counts = [0.0; 16];
    col2im(&g, 0, &columns, 0..4, &mut counts);
    assert_eq!(counts, [1., 2., 2., 1., 2., 4., 4., 2., 2., 4., 4., 2., 1., 2., 2., 1.]);
}

proptest! {
    #[test]
    fn any_geometry(g in any_conv(), length in 1_usize..40) {
        check(&g, length);
    }
}
