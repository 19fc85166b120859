//! Our product for B in rows, on vectors: a tile of C stays in registers while K goes by.
//!
//! The same loops as `own`, with instructions named instead of hoped for. The microkernel keeps rows × vectors sums;
//! for each p of K it loads its vectors of row p of B, and broadcasts each value of column p of A against them. A is
//! read in any order: a value at a time needs only an address.
//!
//! | vectors are | registers | rows × vectors | used: sums + vectors of B + one of A |
//! |---|---|---|---|
//! | one register of 512 bits | 32 | 8 × 3 | 24 + 3 + 1 = 28 |
//! | two of 256 bits | 16 | 6 × 1 | 12 + 2 + 1 = 15 |
//! | four of 128 bits | 32 | 6 × 1 | 24 + 4 + 1 = 29 |
//! | four of 128 bits | 16 | 3 × 1 | 12 + 1 + 3 = 16, a register of B at a time |
//!
//! Edges: rows beyond the last are the last one again; a vector that would reach over the last column is moved to the left
//! until it ends with it, and what it computes twice is not stored twice. Nothing is read outside the matrix.
#![allow(unsafe_code)]

use super::{Beta, Matrix, Order, Target};
use crate::ops::PANEL;
use crate::simd::{Kernel, LANES, Simd};

/// Products summed before a tile goes back to C: 48 columns of B · 128 · 4 bytes = 24 KiB, and 8 rows of A · 128 · 4
/// bytes = 4 KiB, stay in a first-level cache of 32 KiB.
const KC: usize = 128;

/// `[M, K]` × `[K, N]` → `[M, N]`, B in rows.
pub(super) struct Tiles<'t, 'a, 'c> {
    pub sizes: [usize; 3],
    pub a: Matrix<'a>,
    pub b: (&'a [f32], usize),
    pub c: &'t mut Target<'c>,
}

/// A few rows of A, those of a tile: where each begins, and how far it is from a value to the next.
struct Rows<'a, const M: usize> {
    values: &'a [f32],
    first: [usize; M],
    stride: usize,
}

/// A block of B under a tile: `depth` rows, `stride` apart, and where each of the tile's vectors begins in a row.
struct Under<'a, const N: usize> {
    values: &'a [f32],
    stride: usize,
    depth: usize,
    first: [usize; N],
    /// Values of a row that the last vector has to itself: all 16, unless it ends with the matrix and overlaps the
    /// vector before it, or is the only one and reaches beyond a matrix of fewer columns.
    own: usize,
}

impl<'a, const N: usize> Under<'a, N> {
    /// The `columns` columns from column `j` of `n` on.
    fn new((values, stride): (&'a [f32], usize), depth: usize, j: usize, columns: usize, n: usize) -> Self {
        let mut first = core::array::from_fn(|vector| j + vector * LANES);
        first[N - 1] = first[N - 1].min(n.saturating_sub(LANES));
        Self { values, stride, depth, first, own: columns - (N - 1) * LANES }
    }
}

impl Kernel for Tiles<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [_, n, k] = self.sizes;
        let most = if S::REGISTERS >= 32 { 3 } else { 1 };
        // LOOP 3: K in blocks. Not parallel: every block adds to the same C.
        for from in (0..k).step_by(KC) {
            let depth = KC.min(k - from);
            let b = (&self.b.0[from * self.b.1..], self.b.1);
            // LOOP 2: N in tiles, whose part of B stays in the first-level cache.
            for j in (0..n).step_by(most * LANES) {
                let columns = (most * LANES).min(n - j);
                let (a, m, c) = (self.a, self.sizes[0], &mut *self.c);
                match columns.div_ceil(LANES) {
                    1 => column_of_tiles::<S, 1>(simd, a, from, m, &Under::new(b, depth, j, columns, n), n, c),
                    2 => column_of_tiles::<S, 2>(simd, a, from, m, &Under::new(b, depth, j, columns, n), n, c),
                    _ => column_of_tiles::<S, 3>(simd, a, from, m, &Under::new(b, depth, j, columns, n), n, c),
                }
            }
            self.c.beta = Beta::One;
        }
    }
}

/// LOOP 1: M in tiles.
#[inline(always)]
fn column_of_tiles<S: Simd, const N: usize>(
    simd: S,
    a: Matrix,
    from: usize,
    m: usize,
    b: &Under<N>,
    n: usize,
    c: &mut Target,
) {
    let most = match S::REGISTERS {
        32.. => 8,
        8.. => 6,
        _ => 3,
    };
    let mut i = 0;
    while i < m {
        // Not across panels.
        let rows = most.min(m - i).min(PANEL - i % PANEL);
        match rows {
            1 => tile::<S, 1, N>(simd, a, from, [i, rows], b, n, c),
            2 => tile::<S, 2, N>(simd, a, from, [i, rows], b, n, c),
            3 if S::REGISTERS < 8 => tile::<S, 3, N>(simd, a, from, [i, rows], b, n, c),
            3..=4 if S::REGISTERS >= 8 => tile::<S, 4, N>(simd, a, from, [i, rows], b, n, c),
            5..=6 if S::REGISTERS >= 8 => tile::<S, 6, N>(simd, a, from, [i, rows], b, n, c),
            _ if S::REGISTERS >= 32 => tile::<S, 8, N>(simd, a, from, [i, rows], b, n, c),
            _ => unreachable!("no tile has more rows"),
        }
        i += rows;
    }
}

/// One tile, at row `i` of A.
#[inline(always)]
fn tile<S: Simd, const M: usize, const N: usize>(
    simd: S,
    a: Matrix,
    from: usize,
    [i, rows]: [usize; 2],
    b: &Under<N>,
    n: usize,
    c: &mut Target,
) {
    let a = rows_of_a::<M>(a, from, i, rows);
    let sums = if n < LANES { narrow_microkernel(simd, &a, b, n) } else { microkernel(simd, &a, b) };
    for (row, sums) in sums.iter().enumerate().take(rows) {
        let c_row = &mut c.values[(i + row) * c.stride..];
        for (vector, (first, sum)) in b.first.into_iter().zip(sums).enumerate() {
            let own = if vector == N - 1 { b.own } else { LANES };
            let to = &mut c_row[first..];
            match to.first_chunk_mut() {
                Some(to) if own == LANES => {
                    let sum = if c.beta == Beta::One { simd.add(simd.load(to), *sum) } else { *sum };
                    simd.store(sum, to);
                }
                _ => {
                    let mut lanes = [0.0; LANES];
                    simd.store(*sum, &mut lanes);
                    let own = if n < LANES { 0..n } else { LANES - own..LANES };
                    for (to, sum) in to[own.clone()].iter_mut().zip(&lanes[own]) {
                        *to = if c.beta == Beta::One { *to + sum } else { *sum };
                    }
                }
            }
        }
    }
}

/// Rows `i..i + M` of A from column `from` on.
#[inline(always)]
fn rows_of_a<'a, const M: usize>(a: Matrix<'a>, from: usize, i: usize, rows: usize) -> Rows<'a, M> {
    let (start, row, stride) = match a.order {
        Order::Rows(stride) => (i * stride + from, stride, 1),
        Order::Columns(stride) => (from * stride + i, 1, stride),
        Order::Panels(k) => (i / PANEL * PANEL * k + from * PANEL + i % PANEL, 1, PANEL),
    };
    Rows { values: &a.values[start..], first: core::array::from_fn(|r| r.min(rows - 1) * row), stride }
}

/// The tile Σₚ A[·, p] B[p, ..] over whole vectors.
#[inline(always)]
fn microkernel<S: Simd, const M: usize, const N: usize>(simd: S, a: &Rows<M>, b: &Under<N>) -> [[S::Vector; N]; M] {
    let mut sums = [[simd.splat(0.0); N]; M];
    if b.depth == 0 {
        return sums;
    }
    let last = b.depth - 1;
    assert!(b.first.iter().all(|first| first + last * b.stride + LANES <= b.values.len()), "B ends under the tile");
    assert!(a.first.iter().all(|first| first + last * a.stride < a.values.len()), "A ends under the tile");
    for p in 0..b.depth {
        // SAFETY: p ≤ last, so the 16 floats from first + p · stride on end where the assertion above puts their end,
        // or before; an array of floats needs no more alignment than a float.
        let row = b.first.map(|first| simd.load(unsafe { &*b.values.as_ptr().add(first + p * b.stride).cast() }));
        // SAFETY: p ≤ last, so every index is at most the one that the assertion above found inside.
        let column = a.first.map(|first| unsafe { *a.values.get_unchecked(first + p * a.stride) });
        add_outer(simd, &mut sums, column, row);
    }
    sums
}

/// The same for a matrix B that has only `n` columns, fewer than a vector.
#[inline(always)]
fn narrow_microkernel<S: Simd, const M: usize, const N: usize>(
    simd: S,
    a: &Rows<M>,
    b: &Under<N>,
    n: usize,
) -> [[S::Vector; N]; M] {
    let mut sums = [[simd.splat(0.0); N]; M];
    for p in 0..b.depth {
        let row = [simd.load_first(&b.values[p * b.stride..][..n]); N];
        add_outer(simd, &mut sums, a.first.map(|first| a.values[first + p * a.stride]), row);
    }
    sums
}

/// sums ← sums + column · row.
#[inline(always)]
fn add_outer<S: Simd, const M: usize, const N: usize>(
    simd: S,
    sums: &mut [[S::Vector; N]; M],
    column: [f32; M],
    row: [S::Vector; N],
) {
    for i in 0..M {
        let value = simd.splat(column[i]);
        for j in 0..N {
            sums[i][j] = simd.multiply_add(value, row[j], sums[i][j]);
        }
    }
}
