//! What a textbook draws: the matrix of a convolution, kernels taken apart, multiplications counted.
//!
//! Nothing here is fast, and no layer uses it.
//!
//! A convolution is linear, so it is a matrix: one row for each output, one column for each input, and almost all of
//! it zeros. On a 4×4 image a 3×3 kernel is a 4×16 matrix; its transpose takes 2×2 back to 4×4, which is the
//! transposed convolution.
//!
//! ```
//! use convnet::ops::geometry::{Axis, Conv};
//! use convnet::ops::window::{Rounding, Window};
//! use convnet::ops::{Product, gemm::{Beta, Matrix, gemm}, teach};
//!
//! const AXIS: Axis = Axis::new(4, &Window { kernel: 3, ..Window::UNIT }, Rounding::Floor);
//! const G: Conv =
//!     Conv { in_channels: 1, out_channels: 1, groups: 1, bias: false, axes: [Axis::UNIT, AXIS, AXIS] };
//! let kernel = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
//!
//! let mut matrix = [0.0; teach::matrix_floats(&G)]; // 4×16
//! teach::matrix(&G, &kernel, &mut matrix);
//! assert_eq!(matrix[..16], [1.0, 2.0, 3.0, 0.0, 4.0, 5.0, 6.0, 0.0, 7.0, 8.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
//!
//! // [4, 16] × [16, 1] → [4, 1], and with the transpose [16, 4] × [4, 1] → [16, 1].
//! let (mut small, mut large) = ([0.0; 4], [0.0; 16]);
//! let rows = Matrix::rows(&matrix, 16);
//! gemm(Product::Own, [4, 1, 16], rows, Matrix::rows(&[1.0; 16], 1), &mut small, 1, Beta::Zero);
//! gemm(Product::Own, [16, 1, 4], rows.transposed(), Matrix::rows(&small, 1), &mut large, 1, Beta::Zero);
//! assert_eq!(small, [45.0; 4]);
//! assert_eq!(large[..4], [45.0, 135.0, 225.0, 135.0]);
//! ```
//!
//! A kernel that is a column times a row can be slid in two passes, k×1 and 1×k, with fewer multiplications.
//! Sobel's is one, and takes itself apart:
//!
//! ```
//! use convnet::ops::teach::separate;
//!
//! let sobel = [-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0];
//! let (mut column, mut row) = ([0.0; 3], [0.0; 3]);
//! assert!(separate(&sobel, 0.0, &mut column, &mut row));
//! assert_eq!((column, row), ([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0]));
//!
//! let laplace = [0.0, 1.0, 0.0, 1.0, -4.0, 1.0, 0.0, 1.0, 0.0];
//! assert!(!separate(&laplace, 0.0, &mut column, &mut row));
//! ```

use super::geometry::{Axis, Conv};
use super::reference::each_product;
use super::window::{Rounding, Window};

/// Values of [`matrix()`]: outputs times inputs of one sample.
pub const fn matrix_floats(g: &Conv) -> usize {
    g.output_len().saturating_mul(g.input_len())
}

/// matrix `[C_out · D' · H' · W', C_in · D · H · W]` ← what the convolution multiplies a sample with; weight
/// `[C_out, C_in / groups, K_d, K_h, K_w]`. Its transpose is the transposed convolution.
///
/// # Panics
///
/// If a slice has another length; `matrix` has [`matrix_floats`].
pub fn matrix(g: &Conv, weight: &[f32], matrix: &mut [f32]) {
    assert_eq!(weight.len(), g.weight_len(), "the weight is [C_out, C_in / groups, K...]");
    assert_eq!(matrix.len(), matrix_floats(g), "the matrix is [outputs, inputs]");
    matrix.fill(0.0);
    each_product(g, 1, |o, w, i| matrix[o * g.input_len() + i] = weight[w]);
}

/// Whether a kernel `[rows, columns]` is a column times a row: whether its rank is at most 1.
///
/// It is if all 2×2 minors with its largest value p vanish, K_ij p = K_iq K_rj where p = K_rq; here if none is above
/// tolerance · p². Products of two f32 are exact in f64, so with tolerance 0 the answer is exact.
///
/// # Panics
///
/// If the kernel has another length.
pub fn is_separable([rows, columns]: [usize; 2], kernel: &[f32], tolerance: f32) -> bool {
    assert_eq!(kernel.len(), rows * columns, "the kernel is [rows, columns]");
    let Some((r, q)) = pivot(columns, kernel) else { return true };
    let at = |i: usize, j: usize| f64::from(kernel[i * columns + j]);
    let minor = |i: usize, j: usize| at(i, j) * at(r, q) - at(i, q) * at(r, j);
    let limit = f64::from(tolerance) * at(r, q) * at(r, q);
    (0..rows).all(|i| (0..columns).all(|j| minor(i, j).abs() <= limit))
}

/// Takes a kernel `[rows, columns]` apart, if [`is_separable`]: column `[rows]`, row `[columns]`, kernel = column ⊗ row.
/// Scaled so that the first value of the column that is not 0 is 1. Returns whether it did; if not, the factors are
/// left alone.
///
/// # Panics
///
/// If the kernel has another length.
pub fn separate(kernel: &[f32], tolerance: f32, column: &mut [f32], row: &mut [f32]) -> bool {
    let columns = row.len();
    if !is_separable([column.len(), columns], kernel, tolerance) {
        return false;
    }
    let Some((r, q)) = pivot(columns, kernel) else {
        column.fill(0.0);
        row.fill(0.0);
        return true;
    };
    // Not what is 0 but for the tolerance: it would blow up the others.
    let pivot = kernel[r * columns + q];
    let first = (0..column.len()).map(|i| kernel[i * columns + q]).find(|x| x.abs() > tolerance * pivot.abs());
    let scale = first.unwrap_or(pivot);
    for (i, value) in column.iter_mut().enumerate() {
        *value = kernel[i * columns + q] / scale;
    }
    for (j, value) in row.iter_mut().enumerate() {
        *value = kernel[r * columns + j] * (scale / pivot);
    }
    true
}

/// Row and column of the value with the largest magnitude; none if all are 0.
fn pivot(columns: usize, kernel: &[f32]) -> Option<(usize, usize)> {
    let larger = |max: usize, at: usize| if kernel[at].abs() > kernel[max].abs() { at } else { max };
    let at = (0..kernel.len()).reduce(larger)?;
    (kernel[at] != 0.0).then_some((at / columns, at % columns))
}

/// Multiplications of one sample: outputs times products summed into each.
pub const fn multiplications(g: &Conv) -> usize {
    g.output_len().saturating_mul(g.taps())
}

/// The same convolution in two passes, k×1 and then 1×k, which takes [`separate`]d kernels.
///
/// # Panics
///
/// If a kernel sees more than one channel, or moves along the depth: then column ⊗ row is not all there is.
pub const fn spatially_separated(g: &Conv) -> [Conv; 2] {
    assert!(g.groups == g.in_channels, "a kernel that sees one channel is separable");
    assert!(g.axes[0].kernel == 1, "a kernel of two axes is separable");
    let [depth, height, width] = g.axes;
    let column = Conv { bias: false, axes: [depth, height, pass(width.input)], ..*g };
    // Each column has a row of its own.
    let row = Conv { in_channels: g.out_channels, groups: g.out_channels, ..*g };
    [column, Conv { axes: [pass(depth.output), pass(height.output), width], ..row }]
}

/// The cheaper cousin of a convolution in two passes: depthwise with the same window, then 1×1 over the channels
/// (L. Sifre, *Rigid-motion scattering for image classification*, 2014; MobileNets' building block).
pub const fn depthwise_separated(g: &Conv) -> [Conv; 2] {
    let [depth, height, width] = g.axes;
    let depthwise = Conv { out_channels: g.in_channels, groups: g.in_channels, ..*g };
    let pointwise = [pass(depth.output), pass(height.output), pass(width.output)];
    [depthwise, Conv { groups: 1, axes: pointwise, ..*g }]
}

/// An axis on which nothing happens.
const fn pass(cells: usize) -> Axis {
    Axis::new(cells, &Window::UNIT, Rounding::Floor)
}

#[cfg(test)]
mod tests;
