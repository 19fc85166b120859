//! Softmax and log-softmax over rows: any `[…, C]`, each row of `C` by itself, in place.
//!
//! > y = eˣ⁻ᵐ / Σ eˣ⁻ᵐ, log y = x − m − log Σ eˣ⁻ᵐ, m = max x
//!
//! Subtracting the maximum changes nothing but keeps the exponentials at or below 1. As in PyTorch a NaN, a +∞ or
//! nothing but −∞ in a row makes the whole row NaN; −∞ beside finite values gives 0.

/// values `[…, columns]` ← softmax of each row.
///
/// # Panics
///
/// If the values are not whole rows.
pub fn forward(columns: usize, values: &mut [f32]) {
    assert_rows(columns, values.len());
    for row in values.chunks_exact_mut(columns) {
        let shift = maximum(row);
        let mut sum = 0.0;
        for x in row.iter_mut() {
            *x = libm::expf(*x - shift);
            sum += *x;
        }
        row.iter_mut().for_each(|x| *x /= sum);
    }
}

/// grad ← the gradient of the softmax's input, from its output y: y (grad − Σ y grad), row by row.
///
/// # Panics
///
/// If the values are not whole rows, or the two have different lengths.
pub fn backward(columns: usize, output: &[f32], grad: &mut [f32]) {
    assert_rows(columns, output.len());
    assert_eq!(output.len(), grad.len(), "a gradient is as long as its value");
    for (y, grad) in output.chunks_exact(columns).zip(grad.chunks_exact_mut(columns)) {
        let mean: f32 = y.iter().zip(grad.iter()).map(|(y, grad)| y * grad).sum();
        grad.iter_mut().zip(y).for_each(|(grad, y)| *grad = y * (*grad - mean));
    }
}

/// values `[…, columns]` ← log-softmax of each row.
///
/// # Panics
///
/// If the values are not whole rows.
pub fn log_forward(columns: usize, values: &mut [f32]) {
    assert_rows(columns, values.len());
    for row in values.chunks_exact_mut(columns) {
        let (shift, log_sum) = log_sum_exp(row);
        row.iter_mut().for_each(|x| *x = (*x - shift) - log_sum);
    }
}

/// grad ← the gradient of the log-softmax's input, from its output l = log y: grad − y Σ grad, row by row.
///
/// # Panics
///
/// If the values are not whole rows, or the two have different lengths.
pub fn log_backward(columns: usize, output: &[f32], grad: &mut [f32]) {
    assert_rows(columns, output.len());
    assert_eq!(output.len(), grad.len(), "a gradient is as long as its value");
    for (log_y, grad) in output.chunks_exact(columns).zip(grad.chunks_exact_mut(columns)) {
        let sum: f32 = grad.iter().sum();
        grad.iter_mut().zip(log_y).for_each(|(grad, log_y)| *grad -= libm::expf(*log_y) * sum);
    }
}

fn assert_rows(columns: usize, length: usize) {
    assert!(columns > 0 && length.is_multiple_of(columns), "{length} values are not whole rows of {columns}");
}

/// m and log Σ eˣ⁻ᵐ of one row; two terms, because x − m − log Σ is exact where x − (m + log Σ) has lost small
/// differences to a large m.
pub(super) fn log_sum_exp(row: &[f32]) -> (f32, f32) {
    let shift = maximum(row);
    let sum: f32 = row.iter().map(|x| libm::expf(x - shift)).sum();
    (shift, libm::logf(sum))
}

/// The largest value, NaN if there is one.
fn maximum(row: &[f32]) -> f32 {
    row.iter().fold(f32::NEG_INFINITY, |max, x| if *x > max || x.is_nan() { *x } else { max })
}

#[cfg(test)]
mod tests;
