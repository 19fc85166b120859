//! Our product for B in rows, on vectors: a tile of C stays in registers while K goes by.
//!
//! The same loops as `own`, with instructions named instead of hoped for. The microkernel keeps rows × vectors sums;
//! for each p of K it loads its vectors of row p of B, and broadcasts each value of column p of A against them. Panels
//! of A are read as they lie; other orders are turned into columns on the stack, a tile's rows at a time.
//!
//! | vectors are | registers | rows × vectors | used: sums + vectors of B + one of A |
//! |---|---|---|---|
//! | one register of 512 bits | 32 | 8 × 3 | 24 + 3 + 1 = 28 |
//! | two of 256 bits | 16 | 6 × 1 | 12 + 2 + 1 = 15 |
//! | four of 128 bits | 32 | 6 × 1 | 24 + 4 + 1 = 29 |
//! | four of 128 bits | 16 | 3 × 1 | 12 + 1 + 3 = 16, a register of B at a time |
//!
//! Edges: rows beyond the last are whatever lies there, and are not stored; a vector that would reach over the last
//! column is moved to the left until it ends with it, and what it computes twice is not stored twice. Nothing is read
//! outside the slices.
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

/// A few rows of A, those of a tile: columns of `M` neighbours, `stride` apart.
struct Rows<'a> {
    values: &'a [f32],
    stride: usize,
}

/// Rows of A that do not lie side by side, put side by side: 4 KiB of stack.
type Turned = [[f32; 8]; KC];

/// A block of B under a tile: `depth` rows, `stride` apart, that begin with the tile's first column.
struct Under<'a> {
    values: &'a [f32],
    stride: usize,
    depth: usize,
    /// Where the tile's last vector begins in a row: behind the others, or, if it ends with the matrix, overlapping them.
    last: usize,
    /// Values of a row that the last vector has to itself: all 16, or fewer at the end of the matrix.
    own: usize,
    /// The tile's first column: if its only vector was moved, one that an earlier tile has stored already.
    column: usize,
}

impl<'a> Under<'a> {
    /// The `columns` columns from column `j` of `n` on, in `vectors` vectors.
    fn new((values, stride): (&'a [f32], usize), depth: usize, [j, columns, n]: [usize; 3], vectors: usize) -> Self {
        let last = (j + (vectors - 1) * LANES).min(n.saturating_sub(LANES));
        let column = j.min(last);
        let own = columns - (vectors - 1) * LANES;
        Self { values: &values[column..], stride, depth, last: last - column, own, column }
    }
}

impl Kernel for Tiles<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [m, n, k] = self.sizes;
        let mut turned = [[0.0; 8]; KC];
        let most = match S::REGISTERS {
            32.. => 8,
            8.. => 6,
            _ => 3,
        };
        // LOOP 3: K in blocks. Not parallel: every block adds to the same C.
        for from in (0..k).step_by(KC) {
            let depth = KC.min(k - from);
            let b = (&self.b.0[from * self.b.1..], self.b.1);
            // LOOP 2: M in rows of tiles, not across panels. Their part of A stays in the first-level cache, the block of
            // B in the second-level cache.
            let mut i = 0;
            while i < m {
                let rows = most.min(m - i).min(PANEL - i % PANEL);
                let a = rows_of_a(self.a, from, [i, rows], depth, &mut turned);
                let c = &mut Target { values: &mut self.c.values[i * self.c.stride..], ..*self.c };
                match rows {
                    1 => row_of_tiles::<S, 1>(simd, &a, b, [rows, n, depth], c),
                    2 => row_of_tiles::<S, 2>(simd, &a, b, [rows, n, depth], c),
                    3 if S::REGISTERS < 8 => row_of_tiles::<S, 3>(simd, &a, b, [rows, n, depth], c),
                    3..=4 if S::REGISTERS >= 8 => row_of_tiles::<S, 4>(simd, &a, b, [rows, n, depth], c),
                    5..=6 if S::REGISTERS >= 8 => row_of_tiles::<S, 6>(simd, &a, b, [rows, n, depth], c),
                    _ if S::REGISTERS >= 32 => row_of_tiles::<S, 8>(simd, &a, b, [rows, n, depth], c),
                    _ => unreachable!("no tile has more rows"),
                }
                i += rows;
            }
            self.c.beta = Beta::One;
        }
    }
}

/// LOOP 1: N in tiles, all of nearly the same number of vectors.
#[inline(always)]
fn row_of_tiles<S: Simd, const M: usize>(
    simd: S,
    a: &Rows,
    b: (&[f32], usize),
    [rows, n, depth]: [usize; 3],
    c: &mut Target,
) {
    let most = if S::REGISTERS >= 32 { 3 } else { 1 };
    let mut left = n.div_ceil(LANES);
    let mut j = 0;
    while left > 0 {
        let vectors = left.div_ceil(left.div_ceil(most));
        let columns = (vectors * LANES).min(n - j);
        let b = Under::new(b, depth, [j, columns, n], vectors);
        match vectors {
            1 => tile::<S, M, 1>(simd, a, &b, [rows, n], c),
            2 if S::REGISTERS >= 32 => tile::<S, M, 2>(simd, a, &b, [rows, n], c),
            _ if S::REGISTERS >= 32 => tile::<S, M, 3>(simd, a, &b, [rows, n], c),
            _ => unreachable!("no tile has more vectors"),
        }
        left -= vectors;
        j += columns;
    }
}

/// One tile.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // see below
fn tile<S: Simd, const M: usize, const N: usize>(simd: S, a: &Rows, b: &Under, [rows, n]: [usize; 2], c: &mut Target) {
    let sums: [[S::Vector; N]; M] = if n < LANES { narrow_microkernel(simd, a, b, n) } else { microkernel(simd, a, b) };
    // Loops of constant length, so that no sum need leave its register before it is stored.
    for row in 0..M {
        if row < rows {
            let c_row = &mut c.values[row * c.stride + b.column..];
            for vector in 0..N {
                let (first, own) = if vector == N - 1 { (b.last, b.own) } else { (vector * LANES, LANES) };
                store(simd, c.beta, sums[row][vector], &mut c_row[first..], own, n);
            }
        }
    }
}

/// C ← vector + β C for the last `own` lanes, or, in a matrix of `n` < 16 columns, for the first `n`.
#[inline(always)]
fn store<S: Simd>(simd: S, beta: Beta, sum: S::Vector, to: &mut [f32], own: usize, n: usize) {
    if own == LANES {
        let to = to.first_chunk_mut().expect("a vector that is not cut ends before its row");
        let sum = if beta == Beta::One { simd.add(simd.load(to), sum) } else { sum };
        return simd.store(sum, to);
    }
    let mut lanes = [0.0; LANES];
    simd.store(sum, &mut lanes);
    let own = if n < LANES { 0..n } else { LANES - own..LANES };
    for (to, sum) in to[own.clone()].iter_mut().zip(&lanes[own]) {
        *to = if beta == Beta::One { *to + sum } else { *sum };
    }
}

/// Rows `i..i + rows` of A, from column `from` on: panels as they lie, other orders in a copy.
#[inline(always)]
fn rows_of_a<'a>(a: Matrix<'a>, from: usize, [i, rows]: [usize; 2], depth: usize, turned: &'a mut Turned) -> Rows<'a> {
    if let Order::Panels(k) = a.order {
        return Rows { values: &a.values[i / PANEL * PANEL * k + from * PANEL + i % PANEL..], stride: PANEL };
    }
    turn(a, from, [i, rows], &mut turned[..depth]);
    Rows { values: turned.as_flattened(), stride: 8 }
}

#[inline(never)]
fn turn(a: Matrix, from: usize, [i, rows]: [usize; 2], turned: &mut [[f32; 8]]) {
    match a.order {
        Order::Columns(stride) => {
            for (p, to) in turned.iter_mut().enumerate() {
                let from = &a.values[(from + p) * stride + i..][..rows];
                match from.as_array() {
                    Some(whole) => *to = *whole, // a vector, not a call of memcpy
                    None => to[..rows].copy_from_slice(from),
                }
            }
        }
        Order::Rows(stride) | Order::Panels(stride) => {
            let row = |r: usize| &a.values[(i + r.min(rows - 1)) * stride + from..][..turned.len()];
            let from: [&[f32]; 8] = core::array::from_fn(row);
            for p in 0..turned.len() {
                turned[p] = from.map(|row| row[p]);
            }
        }
    }
}

/// The tile Σₚ A[·, p] B[p, ..] over whole vectors.
#[inline(always)]
fn microkernel<S: Simd, const M: usize, const N: usize>(simd: S, a: &Rows, b: &Under) -> [[S::Vector; N]; M] {
    let mut sums = [[simd.splat(0.0); N]; M];
    if b.depth == 0 {
        return sums;
    }
    let deepest = b.depth - 1;
    assert!(deepest * b.stride + (b.last + LANES).max((N - 1) * LANES) <= b.values.len(), "B ends under the tile");
    assert!(deepest * a.stride + M <= a.values.len(), "A ends under the tile");
    let (mut column, mut row) = (a.values.as_ptr(), b.values.as_ptr());
    for _ in 0..b.depth {
        // SAFETY: this is turn p ≤ deepest, so `row` is p · stride floats into B, and the 16 floats from 16 v on, v <
        // N − 1, and from `last` on, end where the assertion above puts their end, or before; an array of floats needs
        // no more alignment than a float.
        let vectors = core::array::from_fn(|v| {
            simd.load(unsafe { &*row.add(if v == N - 1 { b.last } else { v * LANES }).cast() })
        });
        // SAFETY: likewise `column` is p · stride floats into A, and the M floats from there on end inside.
        let values = unsafe { *column.cast::<[f32; M]>() };
        add_outer(simd, &mut sums, values, vectors);
        (column, row) = (column.wrapping_add(a.stride), row.wrapping_add(b.stride));
    }
    sums
}

/// The same for a matrix B that has only `n` columns, fewer than a vector.
#[inline(always)]
fn narrow_microkernel<S: Simd, const M: usize, const N: usize>(
    simd: S,
    a: &Rows,
    b: &Under,
    n: usize,
) -> [[S::Vector; N]; M] {
    let mut sums = [[simd.splat(0.0); N]; M];
    for p in 0..b.depth {
        let row = [simd.load_first(&b.values[p * b.stride..][..n]); N];
        let column = a.values[p * a.stride..].first_chunk().expect("columns of A are whole");
        add_outer(simd, &mut sums, *column, row);
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
