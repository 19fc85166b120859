//! Working kernels against the textbook, byte for byte, on every instruction set.

mod conv;
mod order;
mod pointwise;
mod pool;

use super::SLACK;
use super::requantize::{Bounds, Factor};
use super::{Output, reference};
use crate::ops::geometry::Conv;
use crate::ops::testing::{Vec, numbers, vec};

/// Bytes from a seed.
fn bytes(seed: u64, length: usize) -> Vec<u8> {
    numbers(seed, length).iter().map(|x| ((x + 1.0) * 128.0) as u8).collect()
}

/// `[C, cells]` as `[cells, C]` with slack behind it, which is anything.
fn interleaved(channels: usize, planar: &[u8]) -> Vec<u8> {
    let cells = planar.len() / channels;
    let at = |index: usize| planar[index % channels * cells + index / channels];
    (0..planar.len()).map(at).chain(bytes(99, SLACK)).collect()
}

/// `[cells, C]` with slack as `[C, cells]`.
fn planar(channels: usize, interleaved: &[u8]) -> Vec<u8> {
    let len = interleaved.len() - SLACK;
    let cells = len / channels;
    (0..len).map(|index| interleaved[index % cells * channels + index / cells]).collect()
}

/// A convolution's operands: weights of all sizes, and factors with which most outputs lie between the bounds.
struct Operands {
    input: Vec<u8>,
    zero: u8,
    weight: Vec<i8>,
    outputs: Vec<Output>,
    bounds: Bounds,
}

impl Operands {
    fn new(g: &Conv, seed: u64) -> Self {
        let zero = bytes(seed + 1, 1)[0];
        // As `vpmaddubsw` would not survive them: the largest inputs beside the largest weights.
        let extreme = seed.is_multiple_of(3);
        let input = bytes(seed, g.input_len()).iter().map(|x| if extreme && *x > 99 { 255 } else { *x }).collect();
        let weights = bytes(seed + 2, g.weight_len());
        let weight: Vec<i8> =
            weights.iter().map(|x| if extreme && *x > 199 { 127 } else { (*x as i8).max(-127) }).collect();
        let spread = 40.0 / (73.0 * 73.0 * (g.taps() as f64).sqrt());
        let outputs = (0..g.out_channels).map(|out| {
            let total: i32 = weight[out * g.taps()..][..g.taps()].iter().map(|w| i32::from(*w)).sum();
            let factor = Factor::new((spread * (1.0 + out as f64 / 9.0)).min(0.2));
            Output { bias: (out as i32 - 3) * 1000 - i32::from(zero) * total, factor }
        });
        let bounds =
            Bounds { zero: 100, low: [0, 100][(seed % 2) as usize], high: [255, 201][(seed / 2 % 2) as usize] };
        let outputs = outputs.collect();
        Self { input, zero, weight, outputs, bounds }
    }

    /// What the textbook says, `[C_out, D', H', W']`.
    fn expected(&self, g: &Conv) -> Vec<u8> {
        let mut output = vec![0; g.output_len()];
        reference::conv(g, &self.input, self.zero, &self.weight, &self.outputs, self.bounds, &mut output);
        output
    }
}
