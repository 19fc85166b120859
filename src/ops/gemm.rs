//! The general matrix product: C ← A B + β C with A `[M, K]`, B `[K, N]`, C `[M, N]`, β 0 or 1.
//!
//! A [`Matrix`] is a slice and the order its values lie in, so a transposed operand costs no copy. Which loops run
//! depends on the orders:
//!
//! | A | B | loops | used by |
//! |---|---|---|---|
//! | any | rows | `tiles`, portable `own`: a tile of C in registers, one column of A times one row of B at a time | forward, ∂L/∂input |
//! | rows | columns | `dot`: both run along K; lanes of K in registers, summed at the end | ∂L/∂weight, linear |
//! | columns, panels | columns | `own`, on tiles of B turned on the stack | nobody yet |
//!
//! Nothing here allocates. [`Product::Library`] is matrixmultiply instead, for the same arguments.
//!
//! ```
//! use convnet::ops::{Product, gemm::{Beta, Matrix, gemm}};
//!
//! // [2, 3] × [3, 2] → [2, 2]
//! let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
//! let mut c = [0.0; 4];
//! gemm(Product::Own, [2, 2, 3], Matrix::rows(&a, 3), Matrix::rows(&b, 2), &mut c, 2, Beta::Zero);
//! assert_eq!(c, [4.0, 5.0, 10.0, 11.0]);
//! ```

mod dot;
mod library;
mod own;
mod tiles;
mod turned;

use super::{PANEL, Product};
pub(super) use crate::simd::multiply_add;

/// A matrix to read: a slice and the order of its values.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    values: &'a [f32],
    order: Order,
}

/// Where element (row, column) lies.
#[derive(Clone, Copy, Debug)]
enum Order {
    /// `row · stride + column`.
    Rows(usize),
    /// `column · stride + row`: the transpose of a matrix in rows.
    Columns(usize),
    /// Panels of [`PANEL`] rows, each in columns: `⌊row / 16⌋ · 16 · columns + column · 16 + row mod 16`.
    Panels(usize),
}

impl<'a> Matrix<'a> {
    /// Row after row; `stride` values from one row to the next.
    pub const fn rows(values: &'a [f32], stride: usize) -> Self {
        Self { values, order: Order::Rows(stride) }
    }

    /// Column after column; `stride` values from one column to the next.
    pub const fn columns(values: &'a [f32], stride: usize) -> Self {
        Self { values, order: Order::Columns(stride) }
    }

    /// Packed panels `[⌈rows / 16⌉][columns][16]`, the last one padded with zeros. For the left operand only.
    pub const fn panels(values: &'a [f32], columns: usize) -> Self {
        Self { values, order: Order::Panels(columns) }
    }

    /// The transpose, without a copy; of rows or columns only.
    pub const fn transposed(self) -> Self {
        match self.order {
            Order::Rows(stride) => Self::columns(self.values, stride),
            Order::Columns(stride) => Self::rows(self.values, stride),
            Order::Panels(_) => panic!("panels have no transpose"),
        }
    }

    /// The matrix without its first columns.
    pub(super) fn skip_columns(self, column: usize) -> Self {
        let offset = match self.order {
            Order::Rows(_) => column,
            Order::Panels(_) => column * PANEL,
            Order::Columns(stride) => column * stride,
        };
        Self { values: &self.values[offset..], order: self.order }
    }

    /// Values that a `[rows, columns]` matrix in this order spans.
    fn span(&self, rows: usize, columns: usize) -> usize {
        if rows == 0 || columns == 0 {
            return 0;
        }
        match self.order {
            Order::Rows(stride) => (rows - 1) * stride + columns,
            Order::Columns(stride) => (columns - 1) * stride + rows,
            Order::Panels(k) => ((rows - 1) / PANEL * k + columns) * PANEL,
        }
    }
}

/// What becomes of the values that C had: β.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beta {
    /// β = 0: they are overwritten, NaN or not.
    Zero,
    /// β = 1: the product is added to them.
    One,
}

/// C ← A B + β C: `[m, k]` × `[k, n]` → `[m, n]`, row `i` of C starting at `c[i · c_stride]`.
///
/// # Panics
///
/// If a slice is too short for its matrix, rows overlap, or B is in panels.
pub fn gemm(product: Product, sizes: [usize; 3], a: Matrix, b: Matrix, c: &mut [f32], c_stride: usize, beta: Beta) {
    let [m, n, k] = sizes;
    assert!(a.span(m, k) <= a.values.len(), "A [{m}, {k}] is longer than its slice of {}", a.values.len());
    assert!(b.span(k, n) <= b.values.len(), "B [{k}, {n}] is longer than its slice of {}", b.values.len());
    assert!(Matrix::rows(c, c_stride).span(m, n) <= c.len(), "C [{m}, {n}] is longer than its slice of {}", c.len());
    assert!(c_stride >= n || m <= 1, "rows of C overlap: {n} values, {c_stride} apart");
    if let Order::Panels(columns) = a.order {
        assert!(columns >= k, "the panels of A have {columns} columns, fewer than K = {k}");
    }
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        return clear(m, n, c, c_stride, beta);
    }
    let c = &mut Target { values: c, stride: c_stride, beta };
    if product == Product::Library && library::AVAILABLE {
        return library::product(sizes, a, b, c);
    }
    let isa = product.isa();
    match (a.order, b.order) {
        (_, Order::Panels(_)) => panic!("B may not be in panels"),
        (_, Order::Rows(stride)) => {
            let tiles = tiles::Tiles { sizes, a, b: (b.values, stride), c };
            isa.run(tiles, |tiles| own::product(tiles.sizes, tiles.a, tiles.b, tiles.c));
        }
        (Order::Rows(rows), Order::Columns(stride)) => {
            let (a, b) = ((a.values, rows), (b.values, stride));
            isa.run(dot::Dots { sizes, a, b, c }, |dots| dot::portable::product(dots.sizes, dots.a, dots.b, dots.c));
        }
        (_, Order::Columns(stride)) => turned::product(sizes, a, (b.values, stride), c),
    }
}

/// C, in rows, and what becomes of its values.
struct Target<'a> {
    values: &'a mut [f32],
    stride: usize,
    beta: Beta,
}

impl Target<'_> {
    /// The part that starts at (row, column).
    fn at(&mut self, row: usize, column: usize) -> Target<'_> {
        Target { values: &mut self.values[row * self.stride + column..], stride: self.stride, beta: self.beta }
    }

    /// Stores the valid `[rows, columns]` of a tile at the start.
    #[inline(always)]
    fn store<const M: usize, const N: usize>(&mut self, tile: &[[f32; N]; M], [rows, columns]: [usize; 2]) {
        for (i, sums) in tile.iter().enumerate().take(rows) {
            let row = &mut self.values[i * self.stride..][..columns];
            // A row of constant length is a few vectors.
            match (row.as_mut_array::<N>(), self.beta) {
                (Some(row), Beta::Zero) => *row = *sums,
                (Some(row), Beta::One) => add(row, sums),
                (None, Beta::Zero) => row.copy_from_slice(&sums[..columns]),
                (None, Beta::One) => add(row, sums),
            }
        }
    }
}

#[inline(always)]
fn add(row: &mut [f32], sums: &[f32]) {
    for (c, sum) in row.iter_mut().zip(sums) {
        *c += sum;
    }
}

/// A product over no columns: C ← β C.
fn clear(m: usize, n: usize, c: &mut [f32], c_stride: usize, beta: Beta) {
    if beta == Beta::Zero {
        for i in 0..m {
            c[i * c_stride..][..n].fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests;
