//! Values in another order.
//!
//! A value `[C, D, H, W]` is written `[D, H, W, C]` here; flattening, reshaping and permuting are about the former.

use super::requantize::Scale;
use crate::ops::{Dims, Permutation};

/// Output `[cells, C]` bytes ← input `[C, cells]` numbers.
pub fn quantize(channels: usize, scale: &Scale, input: &[f32], output: &mut [u8]) {
    if channels == 1 {
        output.iter_mut().zip(input).for_each(|(to, value)| *to = scale.quantize(*value));
        return;
    }
    for (channel, input) in input.chunks_exact(input.len() / channels).enumerate() {
        let places = output[channel..].iter_mut().step_by(channels);
        places.zip(input).for_each(|(to, value)| *to = scale.quantize(*value));
    }
}

/// Output `[C, cells]` numbers ← input `[cells, C]` bytes.
pub fn dequantize(channels: usize, scale: &Scale, input: &[u8], output: &mut [f32]) {
    let cells = output.len() / channels;
    for (channel, output) in output.chunks_exact_mut(cells).enumerate() {
        let places = input[channel..].iter().step_by(channels);
        output.iter_mut().zip(places).for_each(|(to, byte)| *to = scale.dequantize(*byte));
    }
}

/// Output of sizes `to` ← input of sizes `from`, of as many values: those that are one behind the other with channels first stay
/// so.
pub fn reshape(from: &Dims, to: &Dims, input: &[u8], output: &mut [u8]) {
    let (from, to) = (Planes::new(from), Planes::new(to));
    for index in 0..from.channels * from.cells {
        output[to.place(index)] = input[from.place(index)];
    }
}

/// Output ← input of sizes `from` with its axes in another order.
pub fn permute(permutation: &Permutation, from: &Dims, input: &[u8], output: &mut [u8]) {
    let to = permutation.output(from);
    let (planes, rank) = (Planes::new(&to), to.rank());
    // Where each input axis is one further: channels lie innermost.
    let mut strides = [1; 4];
    let mut stride = from.size(0);
    for axis in (1..rank).rev() {
        strides[axis] = stride;
        stride *= from.size(axis);
    }
    for index in 0..to.len() {
        let (mut rest, mut place) = (index, 0);
        for axis in (0..rank).rev() {
            place += rest % to.size(axis) * strides[permutation.axes[axis]];
            rest /= to.size(axis);
        }
        output[planes.place(index)] = input[place];
    }
}

/// Channels and cells of a value.
struct Planes {
    channels: usize,
    cells: usize,
}

impl Planes {
    fn new(dims: &Dims) -> Self {
        Self { channels: dims.size(0), cells: dims.len() / dims.size(0) }
    }

    /// Where value `index` of `[C, cells]` lies in `[cells, C]`.
    fn place(&self, index: usize) -> usize {
        index % self.cells * self.channels + index / self.cells
    }
}
