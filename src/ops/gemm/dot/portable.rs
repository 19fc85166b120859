//! Our product for A in rows and B in columns, in plain Rust: every value of C is a dot product of two contiguous runs.
//!
//! The microkernel computes 2 × 4 dot products at once. Each keeps [`LANES`] partial sums, one vector; 8 sums, 4 runs of B
//! and one of A are 13 of 16 registers. Both operands are read as they lie: this is what spares ∂L/∂weight = ∂L/∂output ·
//! columnsᵀ and linear layers a transposition.

use super::super::{Target, multiply_add};
use crate::simd::sum_of_lanes;

/// Dot products at once: runs of A, runs of B.
const MR: usize = 2;
const NR: usize = 4;

/// Partial sums of one dot product: one vector register of the target.
const LANES: usize = if cfg!(target_feature = "avx") { 8 } else { 4 };

/// One dot product's partial sums.
type Partial = [f32; LANES];

/// `[M, K]` × `[K, N]` → `[M, N]`: row `i` of A is `a[i · a_stride..]`, column `j` of B is `b[j · b_stride..]`.
pub(in crate::ops::gemm) fn product(
    [m, n, k]: [usize; 3],
    (a, a_stride): (&[f32], usize),
    (b, b_stride): (&[f32], usize),
    c: &mut Target,
) {
    // LOOP 2: N in tiles. Outside, because B is the weight of a linear layer and should be read once.
    for j in (0..n).step_by(NR) {
        let columns = NR.min(n - j);
        let right: [&[f32]; NR] = runs(&b[j * b_stride..], b_stride, columns, k);
        // LOOP 1: M in tiles.
        for i in (0..m).step_by(MR) {
            let rows = MR.min(m - i);
            let mut c = c.at(i, j);
            if rows == MR {
                c.store(&tile::<MR>(runs(&a[i * a_stride..], a_stride, rows, k), right), [rows, columns]);
            } else {
                c.store(&tile::<1>(runs(&a[i * a_stride..], a_stride, rows, k), right), [rows, columns]);
            }
        }
    }
}

/// `R` runs of `k` values, `stride` apart; beyond the last of `valid`, the last again.
fn runs<const R: usize>(values: &[f32], stride: usize, valid: usize, k: usize) -> [&[f32]; R] {
    core::array::from_fn(|r| &values[r.min(valid - 1) * stride..][..k])
}

/// M × NR dot products: whole vectors, then what is left of K, then the sum over the lanes.
fn tile<const M: usize>(a: [&[f32]; M], b: [&[f32]; NR]) -> [[f32; NR]; M] {
    let mut partial = [[[0.0; LANES]; NR]; M];
    microkernel(a.map(|run| run.as_chunks().0), b.map(|run| run.as_chunks().0), &mut partial);
    let (a, b) = (a.map(|run| run.as_chunks::<LANES>().1), b.map(|run| run.as_chunks::<LANES>().1));
    let mut sums = [[0.0; NR]; M];
    for i in 0..M {
        for j in 0..NR {
            sums[i][j] = a[i].iter().zip(b[j]).fold(sum_of_lanes(partial[i][j]), |s, (a, b)| multiply_add(*a, *b, s));
        }
    }
    sums
}

#[inline(never)] // so that the partial sums are stored whole, which is what LLVM builds its vectors from
fn microkernel<const M: usize>(a: [&[Partial]; M], b: [&[Partial]; NR], partial: &mut [[Partial; NR]; M]) {
    let steps = a[0].len();
    let (a, b) = (a.map(|run| &run[..steps]), b.map(|run| &run[..steps]));
    let mut sums = [[[0.0; LANES]; NR]; M];
    for p in 0..steps {
        for i in 0..M {
            for j in 0..NR {
                for l in 0..LANES {
                    sums[i][j][l] = multiply_add(a[i][p][l], b[j][p][l], sums[i][j][l]);
                }
            }
        }
    }
    *partial = sums;
}
