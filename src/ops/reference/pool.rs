//! Pools as their definitions say.

use super::Real;
use super::conv::{each_tap, split};
use crate::ops::geometry::{Axis, Pool, input_cells, output_cells};

/// O[n, c, x] = max over the taps on the input; −∞ where there is none. A NaN wins.
///
/// Input `[N, C, D, H, W]`, output `[N, C, D', H', W']`.
pub fn max_pool_forward<T: Real>(g: &Pool, batch: usize, input: &[T], output: &mut [T]) {
    output[..batch * g.output_len()].fill(T::NEG_INFINITY);
    each_cell(g, batch, |o, i| {
        if wins(input[i], output[o]) {
            output[o] = input[i];
        }
    });
}

/// Each output's gradient goes to the first of its largest cells (the last of its NaNs).
pub fn max_pool_backward<T: Real>(g: &Pool, batch: usize, input: &[T], grad_output: &[T], grad_input: &mut [T]) {
    for (o, grad) in grad_output[..batch * g.output_len()].iter().enumerate() {
        let mut largest: Option<usize> = None;
        each_cell_of(g, o, |i| {
            if largest.is_none_or(|at| wins(input[i], input[at])) {
                largest = Some(i);
            }
        });
        if let Some(at) = largest {
            grad_input[at] += *grad;
        }
    }
}

/// Whether `x` is larger than `max` or a NaN: the one thing that differs from itself.
#[allow(clippy::eq_op)]
fn wins<T: Real>(x: T, max: T) -> bool {
    x > max || x != x
}

/// O[n, c, x] = Σ of the taps on the input / how many count.
///
/// Input `[N, C, D, H, W]`, output `[N, C, D', H', W']`.
pub fn average_pool_forward<T: Real>(g: &Pool, batch: usize, input: &[T], output: &mut [T]) {
    output[..batch * g.output_len()].fill(T::ZERO);
    each_cell(g, batch, |o, i| output[o] += input[i] / divisor(g, o));
}

/// Each tap on the input gets the output's gradient / how many count.
pub fn average_pool_backward<T: Real>(g: &Pool, batch: usize, grad_output: &[T], grad_input: &mut [T]) {
    each_cell(g, batch, |o, i| grad_input[i] += grad_output[o] / divisor(g, o));
}

/// Output `[N, C]` = the mean of each channel of input `[N, C, cells]`.
pub fn global_average_forward<T: Real>(cells: usize, input: &[T], output: &mut [T]) {
    for (o, value) in output.iter_mut().enumerate() {
        *value = input[o * cells..(o + 1) * cells].iter().copied().sum::<T>() / T::from_usize(cells);
    }
}

/// Every cell gets its channel's gradient / cells.
pub fn global_average_backward<T: Real>(cells: usize, grad_output: &[T], grad_input: &mut [T]) {
    for (i, grad) in grad_input.iter_mut().enumerate() {
        *grad += grad_output[i / cells] / T::from_usize(cells);
    }
}

/// Output `[N, C]` = the largest of each channel of input `[N, C, cells]`. A NaN wins.
pub fn global_max_forward<T: Real>(cells: usize, input: &[T], output: &mut [T]) {
    for (o, value) in output.iter_mut().enumerate() {
        *value = input[largest(cells, o, input)];
    }
}

/// Each output's gradient goes to the first of its largest cells (the last of its NaNs).
pub fn global_max_backward<T: Real>(cells: usize, input: &[T], grad_output: &[T], grad_input: &mut [T]) {
    for (o, grad) in grad_output.iter().enumerate() {
        grad_input[largest(cells, o, input)] += *grad;
    }
}

fn largest<T: Real>(cells: usize, channel: usize, input: &[T]) -> usize {
    let first = channel * cells;
    (first..first + cells).fold(first, |at, i| if wins(input[i], input[at]) { i } else { at })
}

/// The taps that count under output `o`: those on the input, or those up to n + p₀ + p₁.
fn divisor<T: Real>(g: &Pool, o: usize) -> T {
    let position = split(o % output_cells(&g.axes), [0, 1, 2].map(|a| g.axes[a].output));
    let counts = |axis: &Axis, position: usize| {
        let padded = axis.input + axis.padding[0] + axis.padding[1];
        let on_padded = |tap: &usize| position * axis.stride + tap * axis.dilation < padded;
        let on_input = |tap: &usize| axis.source(position, *tap).is_some();
        (0..axis.kernel).filter(|tap| if g.count_include_pad { on_padded(tap) } else { on_input(tap) }).count()
    };
    let count: usize = [0, 1, 2].map(|a| counts(&g.axes[a], position[a])).iter().product();
    T::from_usize(count.max(1))
}

/// Calls `f` with the indices of output and input for every tap on the input.
fn each_cell(g: &Pool, batch: usize, mut f: impl FnMut(usize, usize)) {
    for plane in 0..batch * g.channels {
        let (output, input) = (plane * output_cells(&g.axes), plane * input_cells(&g.axes));
        each_tap(&g.axes, |o, _, i| f(output + o, input + i));
    }
}

/// The same for one output.
fn each_cell_of(g: &Pool, output: usize, mut f: impl FnMut(usize)) {
    let plane = output / output_cells(&g.axes);
    each_tap(&g.axes, |o, _, i| {
        if o == output % output_cells(&g.axes) {
            f(plane * input_cells(&g.axes) + i);
        }
    });
}
