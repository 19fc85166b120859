//! C ← A B + β C, operands in rows and in columns, rows of C further apart than they are long.

use convnet::ops::Product;
use convnet::ops::gemm::{Beta, Matrix, gemm};

use super::EDGES;
use crate::numbers::numbers;
use crate::suite::Suite;

/// Depths around unrolled loops; 129 and 257 are one more than the blocks of K.
const DEPTHS: [usize; 6] = [1, 2, 7, 17, 129, 257];

pub fn check(suite: &mut Suite) {
    for m in [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 33] {
        for n in EDGES.into_iter().chain([48, 49, 65]) {
            for k in DEPTHS {
                check_sizes(suite, [m, n, k]);
            }
        }
    }
}

fn check_sizes(suite: &mut Suite, sizes: [usize; 3]) {
    let [m, n, k] = sizes;
    let (a, b) = (numbers(1, m * k), numbers(2, k * n));
    let (a_turned, b_turned) = (turned(&a, k), turned(&b, n));
    let c_stride = n + 3;
    let before = numbers(3, m * c_stride);
    for beta in [Beta::Zero, Beta::One] {
        let expected = textbook(sizes, &a, &b, &before, beta);
        for (left, a) in [("rows", Matrix::rows(&a, k)), ("columns", Matrix::columns(&a_turned, m))] {
            for (right, b) in [("rows", Matrix::rows(&b, n)), ("columns", Matrix::columns(&b_turned, k))] {
                for isa in suite.sets.clone() {
                    let mut c = before.clone();
                    gemm(Product::On(isa), sizes, a, b, &mut c, c_stride, beta);
                    suite.hold(isa, "gemm", &c, &expected, || format!("{sizes:?} {left} × {right}, {beta:?}"));
                }
            }
        }
    }
}

/// A matrix with `columns` columns, column by column.
fn turned(values: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| values.iter().skip(column).step_by(columns).copied()).collect()
}

/// What lies between the rows of C stays as it was.
fn textbook([m, n, k]: [usize; 3], a: &[f32], b: &[f32], before: &[f32], beta: Beta) -> Vec<f64> {
    let mut c = super::wide(before);
    for (i, row) in c.chunks_exact_mut(n + 3).enumerate().take(m) {
        for (j, c) in row.iter_mut().enumerate().take(n) {
            let sum: f64 = (0..k).map(|p| f64::from(a[i * k + p]) * f64::from(b[p * n + j])).sum();
            *c = if beta == Beta::One { *c } else { 0.0 } + sum;
        }
    }
    c
}
