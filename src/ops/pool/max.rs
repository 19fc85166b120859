//! Max pool: the largest cell under the window; its gradient goes where the largest was.

use super::windows::{self, Span};
use super::{assert_lengths, plane_cells};
use crate::ops::geometry::Pool;
use crate::ops::im2col::reach;
use crate::simd::{Isa, Kernel, Plain, Simd};
use crate::threads;

/// output ← the largest cell under each window: input `[N, C, D, H, W]`, output `[N, C, D', H', W']`.
///
/// # Panics
///
/// If a slice has another length.
pub fn max_forward(g: &Pool, batch: usize, input: &[f32], output: &mut [f32]) {
    assert_lengths(g, batch, input.len(), output.len());
    let [cells, positions] = plane_cells(g);
    threads::each_share(output, positions, input.len(), |first, output| {
        let input = &input[(first * cells).min(input.len())..];
        Isa::best().run(Forward { g, input, output }, |forward| forward.run(Plain));
    });
}

/// Some channels. Loops in plain Rust, compiled for the instructions that there are.
struct Forward<'a> {
    g: &'a Pool,
    input: &'a [f32],
    output: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let (two_by_two, [cells, positions]) = (windows::is_two_by_two(self.g), plane_cells(self.g));
        for (input, output) in self.input.chunks_exact(cells).zip(self.output.chunks_exact_mut(positions)) {
            if two_by_two {
                forward_two_by_two(self.g, input, output);
            } else {
                forward_lines(self.g, input, output);
            }
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
    threads::each_share(grad_input, cells, 2 * input.len(), |first, grad_input| {
        let (input, grad_output) = (&input[first * cells..], &grad_output[first * positions..]);
        Isa::best().run(Backward { g, input, grad_output, grad_input }, |backward| backward.run(Plain));
    });
}

/// Some channels.
struct Backward<'a> {
    g: &'a Pool,
    input: &'a [f32],
    grad_output: &'a [f32],
    grad_input: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let (g, two_by_two, [cells, positions]) = (self.g, windows::is_two_by_two(self.g), plane_cells(self.g));
        let planes = self.input.chunks_exact(cells).zip(self.grad_output.chunks_exact(positions));
        for ((input, grad_output), grad_input) in planes.zip(self.grad_input.chunks_exact_mut(cells)) {
            if two_by_two {
                backward_two_by_two(g, input, grad_output, grad_input);
            } else {
                backward_lines(g, input, grad_output, grad_input);
            }
        }
    }
}

/// Outputs of a line that are looked at together: each array of their cells is 256 bytes of stack.
const LINE: usize = 64;

/// A line of the output at a time: tap by tap, which cell is the largest so far under each of its windows; then each
/// gradient goes to the cell that is left.
#[inline(always)]
fn backward_lines(g: &Pool, input: &[f32], grad_output: &[f32], grad_input: &mut [f32]) {
    const NONE: u32 = u32::MAX; // a window all in padding
    assert!(input.len() < NONE as usize, "cells of one channel are counted in 32 bits");
    let [depth, height, width] = &g.axes;
    let stride = width.stride;
    for (line, grad_output) in grad_output.chunks_exact(width.output).enumerate() {
        let (d, h) = (Span::new(depth, line / height.output), Span::new(height, line % height.output));
        for (block, grad_output) in grad_output.chunks(LINE).enumerate() {
            let (mut largest, mut at, mut line_of_cells) = ([f32::NEG_INFINITY; LINE], [NONE; LINE], [0.0; LINE]);
            let block = block * LINE..block * LINE + grad_output.len();
            // Loops, not `windows::lines`: a closure may end up outside, compiled without the instructions.
            for (kd, kh, tap) in taps_of(d.count, h.count, width.kernel) {
                let reach = reach(width, tap);
                let outputs = reach.start.max(block.start)..reach.end.min(block.end);
                if outputs.is_empty() {
                    continue;
                }
                let plane = (d.first + kd * depth.dilation) * height.input;
                let line = (plane + h.first + kh * height.dilation) * width.input;
                let first = line + outputs.start * stride + tap * width.dilation - width.padding[0];
                let cells = every(stride, &input[first..], outputs.len(), &mut line_of_cells);
                let outputs = outputs.start - block.start..outputs.end - block.start;
                let so_far = largest[outputs.clone()].iter_mut().zip(&mut at[outputs]);
                for (i, ((largest, at), x)) in so_far.zip(cells).enumerate() {
                    let wins = wins(*x, *largest) | (*at == NONE);
                    *largest = if wins { *x } else { *largest };
                    *at = if wins { (first + i * stride) as u32 } else { *at };
                }
            }
            for (at, grad) in at.iter().zip(grad_output) {
                if let Some(sum) = grad_input.get_mut(*at as usize) {
                    *sum += grad;
                }
            }
        }
    }
}

/// Whether `x` takes over from `max`, which was there before. As in PyTorch NaN always does, the last of several.
#[inline(always)]
pub(super) fn wins(x: f32, max: f32) -> bool {
    (x > max) | x.is_nan()
}

/// A line of the output at a time: for each tap, the cells under it along the line. A tap's cells are neighbours, or a
/// stride apart, and there is nothing to ask between them.
#[inline(always)]
fn forward_lines(g: &Pool, input: &[f32], output: &mut [f32]) {
    let [depth, height, width] = &g.axes;
    let mut line_of_cells = [0.0; LINE];
    output.fill(f32::NEG_INFINITY);
    for (line, output) in output.chunks_exact_mut(width.output).enumerate() {
        let (d, h) = (Span::new(depth, line / height.output), Span::new(height, line % height.output));
        for (kd, kh, tap) in taps_of(d.count, h.count, width.kernel) {
            let reach = reach(width, tap);
            if reach.is_empty() {
                continue;
            }
            let plane = (d.first + kd * depth.dilation) * height.input;
            let line = &input[(plane + h.first + kh * height.dilation) * width.input..][..width.input];
            let cells = &line[reach.start * width.stride + tap * width.dilation - width.padding[0]..];
            for (block, output) in output[reach].chunks_mut(LINE).enumerate() {
                let cells = &cells[block * LINE * width.stride..];
                let cells = every(width.stride, cells, output.len(), &mut line_of_cells);
                output.iter_mut().zip(cells).for_each(|(max, x)| *max = larger(*max, *x));
            }
        }
    }
}

/// `count` cells, a stride apart, in a row: themselves, or in a copy.
#[inline(always)]
fn every<'c>(stride: usize, cells: &'c [f32], count: usize, copy: &'c mut [f32; LINE]) -> &'c [f32] {
    match stride {
        1 => return &cells[..count],
        2 => {
            // Pairs are vectors taken apart; the last cell may have no neighbour.
            let pairs = cells.as_chunks::<2>().0;
            let pairs = &pairs[..count.min(pairs.len())];
            copy[..pairs.len()].iter_mut().zip(pairs).for_each(|(to, pair)| *to = pair[0]);
            if pairs.len() < count {
                copy[pairs.len()] = cells[2 * pairs.len()];
            }
        }
        stride => copy[..count].iter_mut().zip(cells.iter().step_by(stride)).for_each(|(to, x)| *to = *x),
    }
    &copy[..count]
}

/// Every tap of a window, in scan order.
#[inline(always)]
fn taps_of(depth: usize, height: usize, width: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..depth).flat_map(move |kd| (0..height).flat_map(move |kh| (0..width).map(move |kw| (kd, kh, kw))))
}

#[inline(always)]
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

#[inline(always)]
fn backward_two_by_two(g: &Pool, input: &[f32], grad_output: &[f32], grad_input: &mut [f32]) {
    let width = &g.axes[2];
    let lines = input.chunks_exact(2 * width.input).zip(grad_input.chunks_exact_mut(2 * width.input));
    for ((lines, grads), grad_output) in lines.zip(grad_output.chunks_exact(width.output)) {
        let (above, below) = lines.split_at(width.input);
        let (grad_above, grad_below) = grads.split_at_mut(width.input);
        let mut first = 0;
        while first < width.output {
            let count = PAIRS.min(width.output - first);
            let cells = 2 * first..2 * (first + count);
            let shares = shares(&above[cells.clone()], &below[cells.clone()], &grad_output[first..][..count]);
            let grads = [&mut grad_above[cells.clone()], &mut grad_below[cells]];
            for (grads, shares) in grads.into_iter().zip(&shares) {
                grads.iter_mut().zip(shares.as_flattened()).for_each(|(sum, share)| *sum += share);
            }
            first += count;
        }
    }
}

/// Windows that are looked at together: two lines of 32 cells.
const PAIRS: usize = 16;

/// What each cell of up to [`PAIRS`] windows gets of their gradients, in two lines; three of four get 0. In arrays of
/// constant length and without a branch, so that windows become lanes.
#[inline(always)]
fn shares(above: &[f32], below: &[f32], grads: &[f32]) -> [[[f32; 2]; PAIRS]; 2] {
    let lines = [padded::<{ 2 * PAIRS }>(above), padded(below)];
    let grads = padded::<PAIRS>(grads);
    let mut shares = [[[0.0; 2]; PAIRS]; 2];
    for i in 0..PAIRS {
        let [a, b, c, d] = [lines[0][2 * i], lines[0][2 * i + 1], lines[1][2 * i], lines[1][2 * i + 1]];
        let second = wins(b, a);
        let largest = if second { b } else { a };
        let third = wins(c, largest);
        let largest = if third { c } else { largest };
        let fourth = wins(d, largest);
        shares[0][i][0] = if second | third | fourth { 0.0 } else { grads[i] };
        shares[0][i][1] = if second & !third & !fourth { grads[i] } else { 0.0 };
        shares[1][i][0] = if third & !fourth { grads[i] } else { 0.0 };
        shares[1][i][1] = if fourth { grads[i] } else { 0.0 };
    }
    shares
}

/// The values, then zeros.
#[inline(always)]
fn padded<const N: usize>(values: &[f32]) -> [f32; N] {
    let mut whole = [0.0; N];
    whole[..values.len()].copy_from_slice(values);
    whole
}
