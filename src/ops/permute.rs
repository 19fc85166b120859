//! Axes in another order: input `[N, …sizes]`, output `[N, …]` with output axis i the input axis `axes[i]`.
//!
//! > `output[n, j₀, j₁, …] = input[n, i₀, i₁, …]` with `j_a = i_axes[a]`
//!
//! The gradient takes the same way back. Output lines are written in order; each is a line of the input at some
//! stride.

use super::{Dims, Permutation};

/// Most axes, without the batch.
const RANK: usize = 4;

/// output ← input with its axes in another order: input `[N, …sizes]`, output of the permuted sizes.
///
/// # Panics
///
/// If a slice has another length, or the permutation is not one of the axes of `sizes`.
pub fn forward(permutation: &Permutation, sizes: &Dims, batch: usize, input: &[f32], output: &mut [f32]) {
    let walk = Walk::new(permutation, sizes);
    walk.assert_lengths(batch, input.len(), output.len());
    for (input, output) in samples(&walk, input).zip(output.chunks_exact_mut(walk.len)) {
        walk.each_line(|to, from, stride, length| {
            let (to, from) = (&mut output[to..][..length], &input[from..]);
            match stride {
                1 => to.copy_from_slice(&from[..length]),
                _ => to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, from)| *to = *from),
            }
        });
    }
}

/// grad_input += grad_output with its axes back in their order: grad_input `[N, …sizes]`, grad_output of the permuted
/// sizes.
///
/// # Panics
///
/// If a slice has another length, or the permutation is not one of the axes of `sizes`.
pub fn backward(permutation: &Permutation, sizes: &Dims, batch: usize, grad_output: &[f32], grad_input: &mut [f32]) {
    let walk = Walk::new(permutation, sizes);
    walk.assert_lengths(batch, grad_input.len(), grad_output.len());
    for (grad_output, grad_input) in samples(&walk, grad_output).zip(grad_input.chunks_exact_mut(walk.len)) {
        walk.each_line(|from, to, stride, length| {
            let (from, to) = (&grad_output[from..][..length], grad_input[to..].iter_mut().step_by(stride));
            to.zip(from).for_each(|(to, from)| *to += from);
        });
    }
}

fn samples<'a>(walk: &Walk, values: &'a [f32]) -> impl Iterator<Item = &'a [f32]> {
    values.chunks_exact(walk.len)
}

/// One sample, output line by output line. Missing axes lead with size 1.
struct Walk {
    /// Values of a sample, at least 1 so that there are chunks of it.
    len: usize,
    /// Sizes of the output.
    sizes: [usize; RANK],
    /// What a step along each of them is in the input.
    strides: [usize; RANK],
}

impl Walk {
    fn new(permutation: &Permutation, input: &Dims) -> Self {
        let rank = input.rank();
        let axes = &permutation.axes[..permutation.rank];
        let each_once = (0..rank).all(|axis| axes.contains(&axis));
        assert!(permutation.rank == rank && each_once, "{axes:?} is no permutation of {rank} axes");
        let (mut sizes, mut strides) = ([1; RANK], [0; RANK]);
        for (i, axis) in axes.iter().enumerate() {
            sizes[RANK - rank + i] = input.size(*axis);
            strides[RANK - rank + i] = input.as_slice()[axis + 1..].iter().product();
        }
        Self { len: input.len().max(1), sizes, strides }
    }

    fn assert_lengths(&self, batch: usize, input: usize, output: usize) {
        let expected = batch * self.sizes.iter().product::<usize>();
        assert_eq!([input, output], [expected; 2], "input and output are [N, ...]");
    }

    /// Calls `f` with each line of the output: its start, the start of its values in the input, their stride, how many.
    #[inline(always)]
    fn each_line(&self, mut f: impl FnMut(usize, usize, usize, usize)) {
        let ([a, b, c, length], [by_a, by_b, by_c, stride]) = (self.sizes, self.strides);
        let mut output = 0;
        for i in 0..a {
            for j in 0..b {
                for k in 0..c {
                    f(output, i * by_a + j * by_b + k * by_c, stride, length);
                    output += length;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
