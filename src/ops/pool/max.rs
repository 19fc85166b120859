//! Max pool: the largest cell under the window; its gradient goes where the largest was.

use super::windows::{self, Span};
use super::{assert_lengths, plane_cells};
use crate::ops::geometry::Pool;
use crate::ops::im2col::reach;

/// output ← the largest cell under each window: input `[N, C, D, H, W]`, output `[N, C, D', H', W']`.
///
/// # Panics
///
/// If a slice has another length.
pub fn max_forward(g: &Pool, batch: usize, input: &[f32], output: &mut [f32]) {
    assert_lengths(g, batch, input.len(), output.len());
    let [cells, positions] = plane_cells(g);
    let two_by_two = windows::is_two_by_two(g);
    for (input, output) in input.chunks_exact(cells).zip(output.chunks_exact_mut(positions)) {
        if two_by_two {
            forward_two_by_two(g, input, output);
        } else {
            forward_lines(g, input, output);
        }
    }
}

/// grad_input += grad_output, each at the first cell in scan order that is the largest of its window; input
/// `[N, C, D, H, W]` as it was, from which that cell is found again.
///
/// # Panics
///
/// If a slice has another length.
pub fn max_backward(g: &Pool, batch: usize, input: &[f32], grad_output: &[f32], grad_input: &mut [f32]) {
    assert_lengths(g, batch, input.len(), grad_output.len());
    assert_eq!(grad_input.len(), input.len(), "a gradient is as long as its value");
    let [cells, positions] = plane_cells(g);
    let two_by_two = windows::is_two_by_two(g);
    let planes = input.chunks_exact(cells).zip(grad_output.chunks_exact(positions));
    for ((input, grad_output), grad_input) in planes.zip(grad_input.chunks_exact_mut(cells)) {
        if two_by_two {
            backward_two_by_two(g, input, grad_output, grad_input);
        } else {
            windows::each(g, |position, spans| {
                if let (Some(cell), _) = largest(g, input, spans) {
                    grad_input[cell] += grad_output[position];
                }
            });
        }
    }
}

/// The first cell of a window with its largest value, or with a NaN.
#[inline(always)]
fn largest(g: &Pool, input: &[f32], spans: [Span; 3]) -> (Option<usize>, f32) {
    let (mut at, mut max) = (None, f32::NEG_INFINITY);
    let dilation = g.axes[2].dilation;
    windows::lines(g, spans, |start| {
        let mut cell = start;
        for _ in 0..spans[2].count {
            if wins(input[cell], max) || at.is_none() {
                (at, max) = (Some(cell), input[cell]);
            }
            cell += dilation;
        }
    });
    (at, max)
}

/// Whether `x` takes over from `max`, which was there before. As in PyTorch NaN always does, the last of several.
#[inline(always)]
pub(super) fn wins(x: f32, max: f32) -> bool {
    x > max || x.is_nan()
}

/// A line of the output at a time: for each tap, the cells under it along the line. A tap's cells are neighbours, or a
/// stride apart, and there is nothing to ask between them.
fn forward_lines(g: &Pool, input: &[f32], output: &mut [f32]) {
    let [depth, height, width] = &g.axes;
    output.fill(f32::NEG_INFINITY);
    for (line, output) in output.chunks_exact_mut(width.output).enumerate() {
        let (d, h) = (Span::new(depth, line / height.output), Span::new(height, line % height.output));
        windows::lines(g, [d, h, Span { first: 0, count: 0 }], |start| {
            let line = &input[start..][..width.input];
            for tap in 0..width.kernel {
                let reach = reach(width, tap);
                if reach.is_empty() {
                    continue;
                }
                let cells = &line[reach.start * width.stride + tap * width.dilation - width.padding[0]..];
                let output = &mut output[reach];
                match width.stride {
                    1 => output.iter_mut().zip(cells).for_each(|(max, x)| *max = larger(*max, *x)),
                    2 => output.iter_mut().zip(cells.chunks(2)).for_each(|(max, x)| *max = larger(*max, x[0])),
                    s => output.iter_mut().zip(cells.iter().step_by(s)).for_each(|(max, x)| *max = larger(*max, *x)),
                }
            }
        });
    }
}

fn forward_two_by_two(g: &Pool, input: &[f32], output: &mut [f32]) {
    let width = &g.axes[2];
    for (lines, output) in input.chunks_exact(2 * width.input).zip(output.chunks_exact_mut(width.output)) {
        let (above, below) = lines.split_at(width.input);
        let pairs = above.as_chunks::<2>().0.iter().zip(below.as_chunks::<2>().0);
        for (output, (above, below)) in output.iter_mut().zip(pairs) {
            *output = larger(larger(above[0], above[1]), larger(below[0], below[1]));
        }
    }
}

/// The later of two values where it wins.
#[inline(always)]
pub(super) fn larger(first: f32, later: f32) -> f32 {
    if wins(later, first) { later } else { first }
}

fn backward_two_by_two(g: &Pool, input: &[f32], grad_output: &[f32], grad_input: &mut [f32]) {
    let width = &g.axes[2];
    let lines = input.chunks_exact(2 * width.input).zip(grad_input.chunks_exact_mut(2 * width.input));
    for ((lines, grads), grad_output) in lines.zip(grad_output.chunks_exact(width.output)) {
        let (above, below) = lines.split_at(width.input);
        let (grad_above, grad_below) = grads.split_at_mut(width.input);
        for (w, grad) in grad_output.iter().enumerate() {
            let cells = [above[2 * w], above[2 * w + 1], below[2 * w], below[2 * w + 1]];
            let mut at = 0;
            for next in 1..4 {
                at = if wins(cells[next], cells[at]) { next } else { at };
            }
            let grads = if at < 2 { &mut *grad_above } else { &mut *grad_below };
            grads[2 * w + at % 2] += grad;
        }
    }
}
