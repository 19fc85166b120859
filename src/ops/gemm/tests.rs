use super::super::testing::{Vec, assert_close, format, numbers, vec};
use super::*;
use crate::ops::panels::{PanelsMut, panel_floats};
use crate::simd::Isa;
use convnet_shape::plan::Layout;
use proptest::prelude::*;

/// C ← A B + β C as three loops.
fn textbook([m, n, k]: [usize; 3], a: &[f32], b: &[f32], c: &mut [f32], beta: Beta) {
    for i in 0..m {
        for j in 0..n {
            let sum: f64 = (0..k).map(|p| f64::from(a[i * k + p]) * f64::from(b[p * n + j])).sum();
            c[i * n + j] = if beta == Beta::One { c[i * n + j] } else { 0.0 } + sum as f32;
        }
    }
}

/// The `[rows, columns]` matrix in columns.
fn turned(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..rows * columns).map(|at| values[at % rows * columns + at / rows]).collect()
}

/// One product in every order of A and B, ours and the library's, with rows of C further apart than they are long.
fn check(sizes: [usize; 3]) {
    let [m, n, k] = sizes;
    let (a, b) = (numbers(1, m * k), numbers(2, k * n));
    let (a_turned, b_turned) = (turned(&a, m, k), turned(&b, k, n));
    let mut panels = vec![f32::NAN; panel_floats(m, k)];
    PanelsMut::F32(panels.as_chunks_mut().0).pack(&a, k, &Layout::Planar, 0);
    let lefts = [Matrix::rows(&a, k), Matrix::columns(&a_turned, m), Matrix::panels(&panels, k)];
    let rights = [Matrix::rows(&b, n), Matrix::columns(&b_turned, k)];
    for beta in [Beta::Zero, Beta::One] {
        let mut expected = numbers(3, m * n);
        textbook(sizes, &a, &b, &mut expected, beta);
        for (left, right) in lefts.iter().flat_map(|left| rights.iter().map(move |right| (left, right))) {
            let own = Isa::available().map(Product::On);
            for product in own.chain([Product::Own, Product::Library]) {
                let what = format!("{sizes:?} {:?} {:?} {product:?} {beta:?}", left.order, right.order);
                let c_stride = n + 3;
                let mut c = vec![f32::NAN; m * c_stride];
                for (c, old) in c.chunks_mut(c_stride).zip(numbers(3, m * n).chunks(n.max(1))) {
                    c[..n].copy_from_slice(old);
                }
                gemm(product, sizes, *left, *right, &mut c, c_stride, beta);
                let got: Vec<f32> = c.chunks(c_stride).flat_map(|row| row[..n].iter().copied()).collect();
                assert_close(&got, &expected, &what);
                assert!(c.chunks(c_stride).all(|row| row[n..].iter().all(|x| x.is_nan())), "{what} wrote between rows");
            }
        }
    }
}

#[test]
fn small_sizes_exhaustively() {
    let edges = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 49];
    for m in [1, 2, 3, 4, 5, 6, 8, 9, 15, 16, 17, 33] {
        for n in edges {
            for k in [1, 2, 3, 4, 7, 8, 9, 17, 33] {
                check([m, n, k]);
            }
        }
    }
}

#[test]
fn large_primes() {
    for sizes in [[67, 101, 521], [16, 100, 150], [6, 784, 25], [1, 10, 1031], [257, 3, 64], [3, 257, 769]] {
        check(sizes);
    }
}

#[test]
fn nothing_times_nothing() {
    let mut c = [1.0, 2.0];
    gemm(Product::Own, [0, 2, 3], Matrix::rows(&[], 3), Matrix::rows(&[0.0; 6], 2), &mut c, 2, Beta::Zero);
    assert_eq!(c, [1.0, 2.0], "no rows");
    gemm(Product::Own, [1, 2, 0], Matrix::rows(&[], 0), Matrix::rows(&[], 2), &mut c, 2, Beta::One);
    assert_eq!(c, [1.0, 2.0], "an empty sum is added");
    gemm(Product::Own, [1, 2, 0], Matrix::rows(&[], 0), Matrix::rows(&[], 2), &mut c, 2, Beta::Zero);
    assert_eq!(c, [0.0, 0.0], "an empty sum");
}

#[test]
fn a_times_the_identity_is_a() {
    let n = 37;
    let identity: Vec<f32> = (0..n * n).map(|at| if at / n == at % n { 1.0 } else { 0.0 }).collect();
    let a = numbers(1, n * n);
    for product in [Product::Own, Product::Library] {
        let mut c = vec![f32::NAN; n * n];
        gemm(product, [n, n, n], Matrix::rows(&a, n), Matrix::rows(&identity, n), &mut c, n, Beta::Zero);
        assert_eq!(c, a);
        gemm(product, [n, n, n], Matrix::rows(&a, n), Matrix::columns(&identity, n), &mut c, n, Beta::Zero);
        assert_eq!(c, a);
    }
}

#[test]
fn an_infinity_beyond_the_matrix_stays_there() {
    // The tile reads beyond the second column of B; what lies there must not reach C.
    let b = [1.0, 2.0, f32::INFINITY, 3.0, 4.0, f32::NAN];
    let mut c = [0.0; 2];
    gemm(Product::Own, [1, 2, 2], Matrix::rows(&[1.0, 1.0], 2), Matrix::rows(&b, 3), &mut c, 2, Beta::Zero);
    assert_eq!(c, [4.0, 6.0]);
}

#[test]
#[should_panic(expected = "B [2, 2] is longer than its slice of 3")]
fn a_short_slice_is_refused_at_the_door() {
    gemm(Product::Own, [1, 2, 2], Matrix::rows(&[0.0; 2], 2), Matrix::rows(&[0.0; 3], 2), &mut [0.0; 2], 2, Beta::Zero);
}

#[test]
fn packing_runs_at_compile_time() {
    const PACKED: [f32; 32] = {
        let mut packed = [9.0; 32];
        PanelsMut::F32(packed.as_chunks_mut().0).pack(&[1.0, 2.0, 3.0, 4.0], 2, &Layout::Planar, 0);
        packed
    };
    assert_eq!((&PACKED[..2], &PACKED[16..18]), (&[1.0, 3.0][..], &[2.0, 4.0][..]));
    assert_eq!(PACKED.iter().filter(|x| **x == 0.0).count(), 28, "the rest is padding");
}

proptest! {
    #[test]
    fn any_size(m in 1_usize..40, n in 1_usize..80, k in 1_usize..300) {
        check([m, n, k]);
    }
}
