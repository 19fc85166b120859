//! Local response normalisation across channels: input and output `[N, C, cells]`.
//!
//! > y_c = x_c s_c^(−β), s_c = k + α/n Σ x_j² over the n channels j = c − ⌊n/2⌋ … c + ⌊(n − 1)/2⌋ that there are
//! >
//! > ∂L/∂x_j += ∂L/∂y_j s_j^(−β) − 2 β α/n x_j Σ_c ∂L/∂y_c x_c s_c^(−β−1) over the c whose sums have x_j
//!
//! A. Krizhevsky, I. Sutskever, G. Hinton, *ImageNet classification with deep convolutional neural networks*,
//! NIPS 2012, section 3.3. Three rules differ between frameworks; these are PyTorch's: α is divided by n (the paper
//! does not); always by n, at the edges too, as if there were channels of zeros; an even n has its odd channel before
//! (ONNX has it after).
//!
//! The sum of each window is made anew from its squares, not carried from channel to channel: carried, it would keep
//! the rounding of a large value that has left, and one NaN or ∞ would spoil all the channels behind it. Blocks of
//! cells keep the rows of a window in the first-level cache, so that n reads of it cost little beside the power.

use core::ops::Range;

use super::{LrnOp, assert_samples};
use crate::simd::{Isa, Kernel, Plain, Simd};
use crate::threads;

/// Cells that go through all channels together: 64 · 4 bytes = 256 bytes of stack, and with the 5 channels of
/// AlexNet's windows 1.25 KiB of cache.
const BLOCK: usize = 64;

/// output ← local response normalisation of input, both `[N, C, cells]`.
///
/// # Panics
///
/// If the values are not whole samples, or the two have different lengths.
pub fn forward(op: &LrnOp, [channels, cells]: [usize; 2], input: &[f32], output: &mut [f32]) {
    assert_samples(channels, cells, input.len());
    assert_eq!(output.len(), input.len(), "the output is as long as the input");
    let sample = channels * cells;
    threads::each_share(output, sample, 8 * input.len(), |first, output| {
        for (input, output) in input[first * sample..].chunks_exact(sample).zip(output.chunks_exact_mut(sample)) {
            Isa::best().run(Forward { op, sizes: [channels, cells], input, output }, |forward| forward.run(Plain));
        }
    });
}

/// One sample.
struct Forward<'a> {
    op: &'a LrnOp,
    sizes: [usize; 2],
    input: &'a [f32],
    output: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { op, sizes: [channels, cells], input, output } = self;
        for block in blocks(cells) {
            for channel in 0..channels {
                let row = channel * cells + block.start..channel * cells + block.end;
                let powers = inverse_powers(&sums(op, [channels, cells], input, channel, &block), op.beta);
                for ((y, x), power) in output[row.clone()].iter_mut().zip(&input[row]).zip(&powers) {
                    *y = x * power;
                }
            }
        }
    }
}

/// grad_input += the gradient of [`forward`]'s input: input, grad_output, grad_input `[N, C, cells]`.
///
/// # Panics
///
/// If the values are not whole samples, or the slices have different lengths.
pub fn backward(op: &LrnOp, [channels, cells]: [usize; 2], input: &[f32], grad_output: &[f32], grad_input: &mut [f32]) {
    assert_samples(channels, cells, input.len());
    assert_eq!(grad_output.len(), input.len(), "the output is as long as the input");
    assert_eq!(grad_input.len(), input.len(), "a gradient is as long as its value");
    let sample = channels * cells;
    threads::each_share(grad_input, sample, 16 * input.len(), |first, grad_input| {
        let samples = input.chunks_exact(sample).zip(grad_output.chunks_exact(sample)).skip(first);
        for ((input, grad_output), grad_input) in samples.zip(grad_input.chunks_exact_mut(sample)) {
            let backward = Backward { op, sizes: [channels, cells], input, grad_output, grad_input };
            Isa::best().run(backward, |backward| backward.run(Plain));
        }
    });
}

/// One sample.
struct Backward<'a> {
    op: &'a LrnOp,
    sizes: [usize; 2],
    input: &'a [f32],
    grad_output: &'a [f32],
    grad_input: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { op, sizes: [channels, cells], input, grad_output, grad_input } = self;
        let factor = 2.0 * op.beta * op.alpha / op.size as f32;
        for block in blocks(cells) {
            for channel in 0..channels {
                let row = channel * cells + block.start..channel * cells + block.end;
                let sums = sums(op, [channels, cells], input, channel, &block);
                let powers = inverse_powers(&sums, op.beta);
                let mut terms = [0.0; BLOCK]; // 2 β α/n ∂L/∂y x s^(−β−1), which goes to every channel of the window
                let values = input[row.clone()].iter().zip(&grad_output[row.clone()]).zip(&mut grad_input[row]);
                for (((x, grad), own), ((sum, power), term)) in values.zip(sums.iter().zip(&powers).zip(&mut terms)) {
                    let scaled = grad * power;
                    *own += scaled;
                    *term = factor * x * scaled / sum;
                }
                for other in window(op, channels, channel) {
                    let row = other * cells + block.start..other * cells + block.end;
                    for ((grad, x), term) in grad_input[row.clone()].iter_mut().zip(&input[row]).zip(&terms) {
                        *grad -= x * term;
                    }
                }
            }
        }
    }
}

/// The cells of a channel, a block at a time.
fn blocks(cells: usize) -> impl Iterator<Item = Range<usize>> {
    (0..cells).step_by(BLOCK).map(move |start| start..cells.min(start + BLOCK))
}

/// s = k + α/n Σ x² at a block of one channel's cells; k behind them.
#[inline(always)]
fn sums(
    op: &LrnOp,
    [channels, cells]: [usize; 2],
    input: &[f32],
    channel: usize,
    block: &Range<usize>,
) -> [f32; BLOCK] {
    let (scale, mut sums) = (op.alpha / op.size as f32, [0.0; BLOCK]);
    for other in window(op, channels, channel) {
        let row = &input[other * cells + block.start..other * cells + block.end];
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x * x);
    }
    for sum in &mut sums {
        *sum = op.k + scale * *sum;
    }
    sums
}

/// The channels whose squares are summed for `channel`.
#[inline(always)]
fn window(op: &LrnOp, channels: usize, channel: usize) -> Range<usize> {
    channel.saturating_sub(op.size / 2)..channels.min(channel + op.size.div_ceil(2))
}

/// s^(−β). The usual β = ¾ and ½ are square roots, which are exact to the last bit or two and vectorise: each β has a loop
/// of its own, of constant length.
#[inline(always)]
fn inverse_powers(sums: &[f32; BLOCK], beta: f32) -> [f32; BLOCK] {
    let mut powers = [0.0; BLOCK];
    if beta == 0.75 {
        for (power, s) in powers.iter_mut().zip(sums) {
            let root = sqrt(*s);
            *power = 1.0 / (root * sqrt(root));
        }
    } else if beta == 0.5 {
        for (power, s) in powers.iter_mut().zip(sums) {
            *power = 1.0 / sqrt(*s);
        }
    } else {
        for (power, s) in powers.iter_mut().zip(sums) {
            *power = libm::powf(*s, -beta);
        }
    }
    powers
}

/// √x, rounded correctly either way; with `std` it is one instruction that LLVM can put into vectors.
#[inline(always)]
fn sqrt(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    return libm::sqrtf(x);
}

#[cfg(test)]
mod tests;
