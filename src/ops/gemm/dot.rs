//! Our product for A in rows and B in columns, on vectors: every value of C is a dot product of two contiguous runs.
//!
//! The microkernel computes M × N dot products at once, each with a vector of partial sums: 4 × 4 where there are 32
//! registers of 512 bits (16 sums, 4 vectors of B, one of A), 2 × 2 elsewhere. Both operands are read as they lie: this
//! is what spares ∂L/∂weight = ∂L/∂output · columnsᵀ and linear layers a transposition. `portable` is the same in
//! plain Rust.
#![allow(unsafe_code)]

pub(super) mod portable;

use super::Target;
use crate::simd::{Kernel, LANES, Simd};

/// `[M, K]` × `[K, N]` → `[M, N]`: row `i` of A is `a.0[i · a.1..]`, column `j` of B is `b.0[j · b.1..]`.
pub(super) struct Dots<'t, 'a, 'c> {
    pub sizes: [usize; 3],
    pub a: (&'a [f32], usize),
    pub b: (&'a [f32], usize),
    pub c: &'t mut Target<'c>,
}

impl Kernel for Dots<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [m, n, k] = self.sizes;
        let most = if S::REGISTERS >= 32 { 4 } else { 2 };
        // LOOP 2: N in tiles. Outside, because B is the weight of a linear layer and should be read once.
        for j in (0..n).step_by(most) {
            let columns = most.min(n - j);
            let right = (&self.b.0[j * self.b.1..], self.b.1);
            // LOOP 1: M in tiles.
            for i in (0..m).step_by(most) {
                let rows = most.min(m - i);
                let (left, mut c) = ((&self.a.0[i * self.a.1..], self.a.1), self.c.at(i, j));
                let valid = [rows, columns];
                match rows {
                    1 if S::REGISTERS >= 32 => c.store(&tile::<S, 1, 4>(simd, left, right, valid, k), valid),
                    _ if S::REGISTERS >= 32 => c.store(&tile::<S, 4, 4>(simd, left, right, valid, k), valid),
                    1 => c.store(&tile::<S, 1, 2>(simd, left, right, valid, k), valid),
                    _ => c.store(&tile::<S, 2, 2>(simd, left, right, valid, k), valid),
                }
            }
        }
    }
}

/// M × N dot products over `k` values, of which `[rows, columns]` are of the matrix; the others repeat the last.
#[inline(always)]
fn tile<S: Simd, const M: usize, const N: usize>(
    simd: S,
    (a, a_stride): (&[f32], usize),
    (b, b_stride): (&[f32], usize),
    [rows, columns]: [usize; 2],
    k: usize,
) -> [[f32; N]; M] {
    let a: [&[f32]; M] = core::array::from_fn(|i| &a[i.min(rows - 1) * a_stride..][..k]);
    let b: [&[f32]; N] = core::array::from_fn(|j| &b[j.min(columns - 1) * b_stride..][..k]);
    let mut sums = [[simd.splat(0.0); N]; M];
    let whole = k / LANES * LANES;
    // No `map` over vectors: it need not be inlined, and out of line it is compiled without the instructions.
    let (mut left, mut right) = ([simd.splat(0.0); M], [simd.splat(0.0); N]);
    for p in (0..whole).step_by(LANES) {
        // SAFETY: p + 16 ≤ whole ≤ k, the length of every run; an array of floats needs no more alignment than a float.
        let vector = |run: &[f32]| simd.load(unsafe { &*run.as_ptr().add(p).cast() });
        for i in 0..M {
            left[i] = vector(a[i]);
        }
        for j in 0..N {
            right[j] = vector(b[j]);
        }
        add_products(simd, &mut sums, left, right);
    }
    if whole < k {
        for i in 0..M {
            left[i] = simd.load_first(&a[i][whole..]);
        }
        for j in 0..N {
            right[j] = simd.load_first(&b[j][whole..]);
        }
        add_products(simd, &mut sums, left, right);
    }
    let mut dots = [[0.0; N]; M];
    for i in 0..M {
        for j in 0..N {
            dots[i][j] = simd.sum(sums[i][j]);
        }
    }
    dots
}

#[inline(always)]
fn add_products<S: Simd, const M: usize, const N: usize>(
    simd: S,
    sums: &mut [[S::Vector; N]; M],
    a: [S::Vector; M],
    b: [S::Vector; N],
) {
    for i in 0..M {
        for j in 0..N {
            sums[i][j] = simd.multiply_add(a[i], b[j], sums[i][j]);
        }
    }
}
