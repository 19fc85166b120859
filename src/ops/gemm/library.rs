//! matrixmultiply's product behind the same arguments.
//!
//! It packs both operands into buffers that it allocates at every call, so the paths that promise no allocation use
//! our own; here it serves [`Product::Library`](crate::ops::Product) and the tests, as an oracle.

#[cfg(feature = "matrixmultiply")]
use super::Beta;
use super::{Matrix, Order, Target};

/// Whether the feature is on.
pub(super) const AVAILABLE: bool = cfg!(feature = "matrixmultiply");

/// `[M, K]` × `[K, N]` → `[M, N]`; panels of A one after the other.
pub(super) fn product(sizes: [usize; 3], a: Matrix, b: Matrix, c: &mut Target) {
    let [m, n, k] = sizes;
    let Order::Panels(columns) = a.order else { return sgemm(sizes, a, b, c) };
    for (i, panel) in (0..m).step_by(super::PANEL).zip(a.values.chunks(super::PANEL * columns)) {
        let rows = super::PANEL.min(m - i);
        sgemm([rows, n, k], Matrix::columns(&panel[..super::PANEL * k], super::PANEL), b, &mut c.at(i, 0));
    }
}

#[cfg(feature = "matrixmultiply")]
#[allow(unsafe_code)]
fn sgemm([m, n, k]: [usize; 3], a: Matrix, b: Matrix, c: &mut Target) {
    assert!(a.span(m, k) <= a.values.len() && b.span(k, n) <= b.values.len());
    assert!(Matrix::rows(c.values, c.stride).span(m, n) <= c.values.len() && (c.stride >= n || m <= 1));
    let stride = |s: usize| isize::try_from(s).expect("a stride inside a slice fits isize");
    let ((a_row, a_column), (b_row, b_column)) = (strides(&a), strides(&b));
    let beta = if c.beta == Beta::One { 1.0 } else { 0.0 };
    // SAFETY: sgemm reads a[i · a_row + p · a_column] and b[p · b_row + j · b_column] and writes c[i · stride + j]
    // for i < m, p < k, j < n.
    // - The largest of these indices is span − 1, and the assertions above put every span inside its slice.
    // - No two (i, j) share a place in C, because its stride is ≥ n where there is more than one row.
    // - C is borrowed mutably, so it overlaps neither `a` nor `b`.
    // - With β = 0 sgemm does not read C; with β = 1 it reads floats that are initialised.
    unsafe {
        matrixmultiply::sgemm(
            m,
            k,
            n,
            1.0,
            a.values.as_ptr(),
            stride(a_row),
            stride(a_column),
            b.values.as_ptr(),
            stride(b_row),
            stride(b_column),
            beta,
            c.values.as_mut_ptr(),
            stride(c.stride),
            1,
        );
    }
}

/// Row and column strides; of a panel, those of the one that begins it.
#[cfg(feature = "matrixmultiply")]
fn strides(matrix: &Matrix) -> (usize, usize) {
    match matrix.order {
        Order::Rows(stride) => (stride, 1),
        Order::Columns(stride) => (1, stride),
        Order::Panels(_) => (1, super::PANEL),
    }
}

#[cfg(not(feature = "matrixmultiply"))]
fn sgemm(_: [usize; 3], _: Matrix, _: Matrix, _: &mut Target) {
    unreachable!("the product is only asked for when it is AVAILABLE");
}
