//! Softmax and log-softmax, in place: of rows, any `[…, C]`, or over the channels at each position of
//! `[N, C, positions]`. A row is the channels at the only position.
//!
//! > y = eˣ⁻ᵐ / Σ eˣ⁻ᵐ, log y = x − m − log Σ eˣ⁻ᵐ, m = max x
//!
//! Subtracting the maximum changes nothing but keeps the exponentials at or below 1. As in PyTorch a NaN, a +∞ or
//! nothing but −∞ among the channels makes all of them NaN; −∞ beside finite values gives 0.
//!
//! Neighbouring positions go together, as many as one cache line holds, so that every line is read whole; their
//! maxima and sums stay on the stack.

use core::ops::Range;

/// Positions that go through their channels together: 16 · 4 bytes are one cache line.
const LANES: usize = 16;

/// values `[…, columns]` ← softmax of each row.
///
/// # Panics
///
/// If the values are not whole rows.
pub fn forward(columns: usize, values: &mut [f32]) {
    channel_forward([columns, 1], values);
}

/// grad ← the gradient of the softmax's input, from its output y: y (grad − Σ y grad), row by row.
///
/// # Panics
///
/// If the values are not whole rows, or the two have different lengths.
pub fn backward(columns: usize, output: &[f32], grad: &mut [f32]) {
    channel_backward([columns, 1], output, grad);
}

/// values `[…, columns]` ← log-softmax of each row.
///
/// # Panics
///
/// If the values are not whole rows.
pub fn log_forward(columns: usize, values: &mut [f32]) {
    channel_log_forward([columns, 1], values);
}

/// grad ← the gradient of the log-softmax's input, from its output l = log y: grad − y Σ grad, row by row.
///
/// # Panics
///
/// If the values are not whole rows, or the two have different lengths.
pub fn log_backward(columns: usize, output: &[f32], grad: &mut [f32]) {
    channel_log_backward([columns, 1], output, grad);
}

/// values `[N, C, positions]` ← softmax over the channels at each position.
///
/// # Panics
///
/// If the values are not whole samples.
pub fn channel_forward([channels, positions]: [usize; 2], values: &mut [f32]) {
    for block in blocks([channels, positions], values.len()) {
        let shifts = maxima(block.rows(values));
        let mut sums = [0.0; LANES];
        for row in block.rows_mut(values) {
            for ((x, shift), sum) in row.iter_mut().zip(&shifts).zip(&mut sums) {
                *x = libm::expf(*x - shift);
                *sum += *x;
            }
        }
        for row in block.rows_mut(values) {
            row.iter_mut().zip(&sums).for_each(|(x, sum)| *x /= sum);
        }
    }
}

/// grad ← the gradient of the softmax's input, from its output y: y (grad − Σ y grad) over the channels at each
/// position; output, grad `[N, C, positions]`.
///
/// # Panics
///
/// If the values are not whole samples, or the two have different lengths.
pub fn channel_backward([channels, positions]: [usize; 2], output: &[f32], grad: &mut [f32]) {
    assert_eq!(output.len(), grad.len(), "a gradient is as long as its value");
    for block in blocks([channels, positions], output.len()) {
        let mut means = [0.0; LANES];
        for (y, grad) in block.rows(output).zip(block.rows(grad)) {
            means.iter_mut().zip(y.iter().zip(grad)).for_each(|(mean, (y, grad))| *mean += y * grad);
        }
        for (y, grad) in block.rows(output).zip(block.rows_mut(grad)) {
            grad.iter_mut().zip(y).zip(&means).for_each(|((grad, y), mean)| *grad = y * (*grad - mean));
        }
    }
}

/// values `[N, C, positions]` ← log-softmax over the channels at each position.
///
/// # Panics
///
/// If the values are not whole samples.
pub fn channel_log_forward([channels, positions]: [usize; 2], values: &mut [f32]) {
    for block in blocks([channels, positions], values.len()) {
        let (shifts, log_sums) = log_sum_exp(block.rows(values));
        for row in block.rows_mut(values) {
            row.iter_mut().zip(shifts.iter().zip(&log_sums)).for_each(|(x, (shift, log))| *x = (*x - shift) - log);
        }
    }
}

/// grad ← the gradient of the log-softmax's input, from its output l = log y: grad − y Σ grad over the channels at each
/// position; output, grad `[N, C, positions]`.
///
/// # Panics
///
/// If the values are not whole samples, or the two have different lengths.
pub fn channel_log_backward([channels, positions]: [usize; 2], output: &[f32], grad: &mut [f32]) {
    assert_eq!(output.len(), grad.len(), "a gradient is as long as its value");
    for block in blocks([channels, positions], output.len()) {
        let mut sums = [0.0; LANES];
        for grad in block.rows(grad) {
            sums.iter_mut().zip(grad).for_each(|(sum, grad)| *sum += grad);
        }
        for (log_y, grad) in block.rows(output).zip(block.rows_mut(grad)) {
            grad.iter_mut().zip(log_y).zip(&sums).for_each(|((grad, log_y), sum)| *grad -= libm::expf(*log_y) * sum);
        }
    }
}

/// Up to [`LANES`] neighbouring positions of one sample `[channels, positions]`.
pub(super) struct Block {
    /// The values of the sample from the first of these positions on.
    values: Range<usize>,
    positions: usize,
    /// How many positions.
    pub lanes: usize,
}

/// The blocks of values `[N, channels, positions]`, in order.
pub(super) fn blocks([channels, positions]: [usize; 2], length: usize) -> impl Iterator<Item = Block> + use<> {
    let sample = channels * positions;
    if positions == 1 {
        assert!(sample > 0 && length.is_multiple_of(sample), "{length} values are not whole rows of {channels}");
    } else {
        super::assert_samples(channels, positions, length);
    }
    (0..length).step_by(sample).flat_map(move |start| {
        (0..positions).step_by(LANES).map(move |first| {
            let lanes = LANES.min(positions - first);
            Block { values: start + first..start + sample, positions, lanes }
        })
    })
}

impl Block {
    /// These positions of `values`, channel by channel.
    pub(super) fn rows<'v>(&self, values: &'v [f32]) -> impl Iterator<Item = &'v [f32]> + Clone + use<'v> {
        let lanes = self.lanes;
        values[self.values.clone()].chunks(self.positions).map(move |row| &row[..lanes])
    }

    /// The same, to write.
    pub(super) fn rows_mut<'v>(&self, values: &'v mut [f32]) -> impl Iterator<Item = &'v mut [f32]> + use<'v> {
        let lanes = self.lanes;
        values[self.values.clone()].chunks_mut(self.positions).map(move |row| &mut row[..lanes])
    }
}

/// m and log Σ eˣ⁻ᵐ at each position; two terms, because x − m − log Σ is exact where x − (m + log Σ) has lost small
/// differences to a large m.
pub(super) fn log_sum_exp<'v>(rows: impl Iterator<Item = &'v [f32]> + Clone) -> ([f32; LANES], [f32; LANES]) {
    let shifts = maxima(rows.clone());
    let mut sums = [0.0; LANES];
    for row in rows {
        for ((x, shift), sum) in row.iter().zip(&shifts).zip(&mut sums) {
            *sum += libm::expf(x - shift);
        }
    }
    (shifts, sums.map(libm::logf))
}

/// The largest value at each position, NaN if there is one.
fn maxima<'v>(rows: impl Iterator<Item = &'v [f32]>) -> [f32; LANES] {
    let mut maxima = [f32::NEG_INFINITY; LANES];
    for row in rows {
        for (max, x) in maxima.iter_mut().zip(row) {
            *max = if *x > *max || x.is_nan() { *x } else { *max };
        }
    }
    maxima
}

#[cfg(test)]
mod tests;
