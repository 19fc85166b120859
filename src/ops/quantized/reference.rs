//! The textbook versions: sums as the definitions have them, rounded once, in f64.
//!
//! Values are `[C, D, H, W]` here, as in [`ops::reference`](crate::ops::reference); a working kernel is held against these byte
//! by byte, after its order is changed.

use super::Output;
use super::requantize::Bounds;
use crate::ops::geometry::{Conv, Pool, input_cells, kernel_cells, output_cells};

/// clamp(z + ⌊a M + ½⌋): the byte of a sum.
fn store(sum: i64, factor: f64, bounds: Bounds) -> u8 {
    let value = libm::floor(sum as f64 * factor + 0.5) + f64::from(bounds.zero);
    value.clamp(f64::from(bounds.low), f64::from(bounds.high)) as u8
}

/// m · 2^−(32 + t), exactly: f64 has more bits than m.
fn factor(output: &Output) -> f64 {
    f64::from(output.factor.multiplier) / (1_u64 << (32 + output.factor.shift)) as f64
}

/// Position `at` of a plane along its three axes.
fn position(sizes: [usize; 3], at: usize) -> [usize; 3] {
    [at / sizes[2] / sizes[1], at / sizes[2] % sizes[1], at % sizes[2]]
}

/// Convolution: Σ w q over the taps on the input, Σ w z over those on the padding, and the bias.
///
/// Input `[C_in, D, H, W]`, weight `[C_out, C_in / groups, K_d, K_h, K_w]`, output `[C_out, D', H', W']`.
pub fn conv(g: &Conv, input: &[u8], zero: u8, weight: &[i8], outputs: &[Output], bounds: Bounds, output: &mut [u8]) {
    let (positions, cells, taps) = (output_cells(&g.axes), input_cells(&g.axes), kernel_cells(&g.axes));
    let (channels, of_group) = (g.in_channels / g.groups, g.out_channels / g.groups);
    for out in 0..g.out_channels {
        for at in 0..positions {
            let place = position(g.axes.map(|axis| axis.output), at);
            let mut sum = i64::from(outputs[out].bias);
            for channel in 0..channels {
                let plane = &input[(out / of_group * channels + channel) * cells..][..cells];
                for tap in 0..taps {
                    let w = i64::from(weight[(out * channels + channel) * taps + tap]);
                    sum += w * i64::from(under(g, place, tap).map_or(zero, |cell| plane[cell]));
                }
            }
            output[out * positions + at] = store(sum, factor(&outputs[out]), bounds);
        }
    }
}

/// The cell of the input under a tap, if it is none of the padding.
fn under(g: &Conv, place: [usize; 3], tap: usize) -> Option<usize> {
    let [depth, height, width] = &g.axes;
    let [d, h, w] = position(g.axes.map(|axis| axis.kernel), tap);
    let (d, h, w) = (depth.source(place[0], d)?, height.source(place[1], h)?, width.source(place[2], w)?);
    Some((d * height.input + h) * width.input + w)
}

/// Mean: Σ (q − z) over the taps on the input, times s_in / (s_out · divisor).
///
/// Input `[C, D, H, W]`, output `[C, D', H', W']`; `divisors[position]` is what the sum is divided by.
pub fn average(g: &Pool, input: &[u8], zero: u8, ratio: f64, divisors: &[usize], bounds: Bounds, output: &mut [u8]) {
    let (positions, cells) = (output_cells(&g.axes), input_cells(&g.axes));
    let conv = Conv { in_channels: 1, out_channels: 1, groups: 1, bias: false, axes: g.axes };
    for (channel, plane) in input.chunks_exact(cells).enumerate() {
        for at in 0..positions {
            let place = position(g.axes.map(|axis| axis.output), at);
            let value = |tap| under(&conv, place, tap).map_or(0, |cell| i64::from(plane[cell]) - i64::from(zero));
            let sum = (0..kernel_cells(&g.axes)).map(value).sum();
            output[channel * positions + at] = store(sum, ratio / divisors[at] as f64, bounds);
        }
    }
}

/// Sum of paths: Σ sᵢ / s_out · (qᵢ − zᵢ), value by value.
pub fn add(paths: &[&[u8]], zeros: &[u8], ratios: &[f64], bounds: Bounds, output: &mut [u8]) {
    for (at, output) in output.iter_mut().enumerate() {
        let term = |path: usize| ratios[path] * (f64::from(paths[path][at]) - f64::from(zeros[path]));
        let sum: f64 = (0..paths.len()).map(term).sum();
        let value = libm::floor(sum + 0.5) + f64::from(bounds.zero);
        *output = value.clamp(f64::from(bounds.low), f64::from(bounds.high)) as u8;
    }
}
