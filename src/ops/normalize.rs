//! Values to mean 0 and standard deviation 1 with constants: values `[N, C, cells]`, mean and std `[C]`.
//!
//! > y = (x − mean) / std, ∂L/∂x = ∂L/∂y / std
//!
//! What networks trained on ImageNet expect of their input, with the numbers of torchvision's `Normalize`.

use super::assert_samples;

/// values ← (values − mean) / std, in place: values `[N, C, cells]`, mean and std `[C]`.
///
/// # Panics
///
/// If the values are not whole samples, or mean and std have different lengths.
pub fn forward(cells: usize, mean: &[f32], std: &[f32], values: &mut [f32]) {
    assert_eq!(mean.len(), std.len(), "mean and std are [C]");
    assert_samples(mean.len(), cells, values.len());
    for (values, (mean, std)) in values.chunks_exact_mut(cells).zip(mean.iter().zip(std).cycle()) {
        values.iter_mut().for_each(|x| *x = (*x - mean) / std);
    }
}

/// grad ← grad / std, in place: grad `[N, C, cells]`, std `[C]`.
///
/// # Panics
///
/// If the values are not whole samples.
pub fn backward(cells: usize, std: &[f32], grad: &mut [f32]) {
    assert_samples(std.len(), cells, grad.len());
    for (grad, std) in grad.chunks_exact_mut(cells).zip(std.iter().cycle()) {
        grad.iter_mut().for_each(|grad| *grad /= std);
    }
}

#[cfg(test)]
mod tests;
