//! Our product for B in rows, in plain Rust: a tile of C stays in registers while K goes by.
//!
//! The microkernel keeps MR × NR sums. For each p of K it takes one column of A (MR values), one row of B (NR values)
//! and adds their outer product. It is written on arrays of constant size; LLVM turns each row of the tile into
//! vectors and keeps the whole tile in registers. The sizes are chosen so that it fits:
//!
//! | target | registers | MR × NR | used: sums + row of B + one of A |
//! |---|---|---|---|
//! | SSE2, wasm simd128 | 16 × 4 floats | 4 × 8 | 8 + 2 + 1 = 11 |
//! | AVX2 | 16 × 8 floats | 4 × 24 | 12 + 3 + 1 = 16 |
//! | AVX-512 (LLVM uses its 32 × 8 floats) | 32 × 8 floats | 4 × 32 | 16 + 4 + 1 = 21 |
//! | NEON | 32 × 4 floats | 4 × 16 | 16 + 4 + 1 = 21 |
//! | none | 16 to 32 floats | 4 × 4 | 16 + 4 + 1 = 21 |
//!
//! Edges: the whole tile is computed, the valid part stored. What the rest reads instead of matrix is whatever lies
//! beyond the end of the row, or zeros beyond the end of the slice; it is never stored, so it need not be cleared.

use core::ops::Range;

use super::{Beta, Matrix, Order, Target, multiply_add};
use crate::ops::PANEL;

/// Rows of the tile; divides [`PANEL`], so that packed panels are read in place.
const MR: usize = 4;

const NEON: bool = cfg!(target_arch = "aarch64");
const SIMD: bool = cfg!(any(target_arch = "x86", target_arch = "x86_64", target_feature = "simd128"));

/// Columns of the tile: see the table above.
pub(super) const NR: usize = match () {
    () if cfg!(target_feature = "avx512vl") => 32,
    () if cfg!(target_feature = "avx2") => 24,
    () if NEON => 16,
    () if SIMD => 8,
    () => 4,
};

/// Columns of the narrow tile that ends a row of tiles, where the wide one would compute mostly waste.
const NARROW: usize = if NR > 16 { 16 } else { NR / 2 };

/// Products summed before a tile goes back to C. The rows of A in the tile and the columns of B under it,
/// (4 + 32) · 256 · 4 bytes = 36 KiB at most, stay in a first-level cache of 48 KiB; the widest tile of SSE2,
/// (4 + 8) · 256 · 4 bytes = 12 KiB, in one of 32.
const KC: usize = 256;

/// `[M, K]` × `[K, N]` → `[M, N]`, B in rows.
pub(super) fn product([m, n, k]: [usize; 3], a: Matrix, (b, b_stride): (&[f32], usize), c: &mut Target) {
    // LOOP 3: K in blocks of KC. Not parallel: every block adds to the same C.
    for from in (0..k).step_by(KC) {
        self::block([m, n], from..k.min(from + KC), a, (&b[from * b_stride..], b_stride), c);
        c.beta = Beta::One;
    }
}

/// `[M, block]` × `[block, N]` → `[M, N]`: columns `block` of A, and a B that starts with row `block.start`.
pub(super) fn block(
    [m, n]: [usize; 2],
    block: Range<usize>,
    a: Matrix,
    (b, b_stride): (&[f32], usize),
    c: &mut Target,
) {
    let right = Right { values: b, stride: b_stride, depth: block.len() };
    // LOOP 2: M in rows of tiles. A is read once; the block of B stays in the second-level cache.
    for i in (0..m).step_by(MR) {
        let rows = MR.min(m - i);
        let c = &mut c.at(i, 0);
        if rows > MR / 2 {
            row_of_a::<MR>(a, i, &block, &right, [rows, n], c);
        } else {
            row_of_a::<{ MR / 2 }>(a, i, &block, &right, [rows, n], c);
        }
    }
}

/// Rows `i..i + M` of A, as A's order has them.
fn row_of_a<const M: usize>(a: Matrix, i: usize, block: &Range<usize>, b: &Right, sizes: [usize; 2], c: &mut Target) {
    let (start, stride) = match a.order {
        Order::Rows(stride) => {
            let values = &a.values[i * stride + block.start..];
            return row_of_tiles(&LeftRows::<M>::new(values, stride, sizes[0], block.len()), b, sizes, c);
        }
        Order::Columns(stride) => (block.start * stride + i, stride),
        Order::Panels(k) => (i / PANEL * PANEL * k + block.start * PANEL + i % PANEL, PANEL),
    };
    row_of_tiles::<M>(&LeftColumns { values: &a.values[start..], stride }, b, sizes, c);
}

/// LOOP 1: N in tiles, wide ones first.
fn row_of_tiles<const M: usize>(a: &impl Left<M>, b: &Right, [rows, n]: [usize; 2], c: &mut Target) {
    let mut j = 0;
    while n - j > NARROW {
        let columns = NR.min(n - j);
        let mut tile = [[0.0; NR]; M];
        microkernel(a, b, j, &mut tile);
        c.at(0, j).store(&tile, [rows, columns]);
        j += columns;
    }
    if j < n {
        let mut tile = [[0.0; NARROW]; M];
        microkernel(a, b, j, &mut tile);
        c.at(0, j).store(&tile, [rows, n - j]);
    }
}

/// The tile at column `j` of B: tile ← Σₚ A[·, p] B[p, j..j + N].
#[inline(never)] // so that the tile is stored whole, which is what LLVM builds its vectors from
fn microkernel<const M: usize, const N: usize>(a: &impl Left<M>, b: &Right, j: usize, tile: &mut [[f32; N]; M]) {
    let mut sums = [[0.0; N]; M];
    let inside = a.inside(b.depth).min(b.inside::<N>(j));
    for p in 0..inside {
        add_outer(&mut sums, a.column(p), b.row(p, j));
    }
    for p in inside..b.depth {
        add_outer(&mut sums, a.column_at_end(p), &b.row_at_end(p, j));
    }
    *tile = sums;
}

/// sums ← sums + column · row.
#[inline(always)]
fn add_outer<const M: usize, const N: usize>(sums: &mut [[f32; N]; M], column: [f32; M], row: &[f32; N]) {
    for i in 0..M {
        for j in 0..N {
            sums[i][j] = multiply_add(column[i], row[j], sums[i][j]);
        }
    }
}

/// The first values, then zeros.
fn padded<const N: usize>(values: &[f32]) -> [f32; N] {
    let mut whole = [0.0; N];
    let valid = N.min(values.len());
    whole[..valid].copy_from_slice(&values[..valid]);
    whole
}

/// A block of B in rows, `[depth, N]`.
struct Right<'a> {
    values: &'a [f32],
    stride: usize,
    depth: usize,
}

impl Right<'_> {
    /// How many rows have N values from column `j` on before the slice ends.
    fn inside<const N: usize>(&self, j: usize) -> usize {
        rows_inside(self.values.len(), self.stride, j + N).min(self.depth)
    }

    #[inline(always)]
    fn row<const N: usize>(&self, p: usize, j: usize) -> &[f32; N] {
        self.values[p * self.stride + j..].first_chunk().expect("rows that are inside are whole")
    }

    #[inline(never)]
    fn row_at_end<const N: usize>(&self, p: usize, j: usize) -> [f32; N] {
        padded(&self.values[p * self.stride + j..])
    }
}

/// How many of the starts 0, stride, 2 stride, … have `width` values before `length`.
fn rows_inside(length: usize, stride: usize, width: usize) -> usize {
    match length.checked_sub(width) {
        Some(slack) => slack / stride.max(1) + 1,
        None => 0,
    }
}

/// MR rows of A, read column by column.
trait Left<const M: usize> {
    /// How many of the first `depth` columns can be read whole.
    fn inside(&self, depth: usize) -> usize;
    fn column(&self, p: usize) -> [f32; M];
    fn column_at_end(&self, p: usize) -> [f32; M];
}

/// A in rows: MR slices side by side. Beyond the last row, the last row again.
struct LeftRows<'a, const M: usize>([&'a [f32]; M]);

impl<'a, const M: usize> LeftRows<'a, M> {
    fn new(values: &'a [f32], stride: usize, rows: usize, depth: usize) -> Self {
        Self(core::array::from_fn(|i| &values[i.min(rows - 1) * stride..][..depth]))
    }
}

impl<const M: usize> Left<M> for LeftRows<'_, M> {
    fn inside(&self, depth: usize) -> usize {
        depth
    }

    #[inline(always)]
    fn column(&self, p: usize) -> [f32; M] {
        core::array::from_fn(|i| self.0[i][p])
    }

    #[inline(always)]
    fn column_at_end(&self, p: usize) -> [f32; M] {
        self.column(p)
    }
}

/// A in columns or panels: MR neighbours at every stride.
struct LeftColumns<'a> {
    values: &'a [f32],
    stride: usize,
}

impl<const M: usize> Left<M> for LeftColumns<'_> {
    fn inside(&self, depth: usize) -> usize {
        rows_inside(self.values.len(), self.stride, M).min(depth)
    }

    #[inline(always)]
    fn column(&self, p: usize) -> [f32; M] {
        *self.values[p * self.stride..].first_chunk().expect("columns that are inside are whole")
    }

    #[inline(never)]
    fn column_at_end(&self, p: usize) -> [f32; M] {
        padded(&self.values[p * self.stride..])
    }
}
