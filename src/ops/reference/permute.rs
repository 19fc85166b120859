//! Axes in another order, value by value.

use super::Real;
use crate::ops::{Dims, Permutation};

/// output[n, j] = input[n, i] with `j[a] = i[axes[a]]`: input `[N, …sizes]`.
pub fn permute_forward<T: Real>(p: &Permutation, sizes: &Dims, batch: usize, input: &[T], output: &mut [T]) {
    for at in 0..batch * sizes.len() {
        output[destination(p, sizes, at)] = input[at];
    }
}

/// grad_input[n, i] += grad_output[n, j].
pub fn permute_backward<T: Real>(p: &Permutation, sizes: &Dims, batch: usize, grad_output: &[T], grad_input: &mut [T]) {
    for at in 0..batch * sizes.len() {
        grad_input[at] += grad_output[destination(p, sizes, at)];
    }
}

/// Where the value at `at` goes.
fn destination(permutation: &Permutation, sizes: &Dims, at: usize) -> usize {
    let coordinate = |axis: usize| {
        let stride: usize = sizes.as_slice()[axis + 1..].iter().product();
        at / stride % sizes.size(axis)
    };
    let sample = at / sizes.len();
    permutation.axes[..permutation.rank].iter().fold(sample, |to, axis| to * sizes.size(*axis) + coordinate(*axis))
}
