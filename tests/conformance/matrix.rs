//! Linear layers and the general matrix product.

use convnet::ops::geometry::Linear;
use convnet::ops::{Product, Weight, gemm, linear, reference};

use crate::case::Case;

pub fn run_linear(case: &mut Case) {
    let (shape, x, w, b) = (case.shape("w"), case.get("x"), case.get("w"), case.get("b"));
    let g = Linear { in_features: shape[1], out_features: shape[0], bias: case.has("b") };
    let batch = x.len() / g.in_features;
    let mut y = vec![f32::NAN; batch * g.out_features];
    reference::linear_forward(&g, batch, &x, &w, &b, &mut y);
    case.compare("reference", "y", &y);
    let mut packed = vec![f32::NAN; linear::packed_floats(&g)];
    linear::pack(&g, &w, &b, &mut packed);
    for product in [Product::Own, Product::Library] {
        for (kind, weight, b) in
            [("canonical", Weight::Canonical(&w), &b[..]), ("packed", Weight::Packed(&packed), &[])]
        {
            y.fill(f32::NAN);
            linear::forward(&g, batch, &x, weight, b, None, &mut y, product);
            case.compare(&format!("{kind} {product:?}"), "y", &y);
        }
    }
    let gy = case.get("gy");
    for path in ["reference", "working"].iter().filter(|_| !gy.is_empty()) {
        let (mut gx, mut gw, mut gb) = (vec![0.0; x.len()], vec![0.0; w.len()], vec![0.0; b.len()]);
        match *path {
            "reference" => reference::linear_backward(&g, batch, &x, &w, &gy, Some(&mut gx), &mut gw, &mut gb),
            _ => linear::backward(&g, batch, &x, &w, &gy, Some(&mut gx), &mut gw, &mut gb),
        }
        [("gx", gx), ("gw", gw), ("gb", gb)].iter().for_each(|(name, grad)| case.compare(path, name, grad));
    }
}

/// y = α A B + β C: α goes into A and β into C beforehand, since ours are 1.
pub fn run_gemm(case: &mut Case) {
    let (a_shape, b, y) = (case.shape("a"), case.get("b"), case.shape("y"));
    let (trans_a, trans_b) = (case.flag("trans_a"), case.flag("trans_b"));
    let a: Vec<f32> = case.get("a").iter().map(|a| a * case.number("alpha")).collect();
    let (m, n, k) = (y[0], y[1], if trans_a { a_shape[0] } else { a_shape[1] });
    let left = if trans_a { gemm::Matrix::columns(&a, m) } else { gemm::Matrix::rows(&a, k) };
    let right = if trans_b { gemm::Matrix::columns(&b, k) } else { gemm::Matrix::rows(&b, n) };
    // C is broadcast: a scalar, a row or a whole matrix.
    let c: Vec<f32> = case.get("c").iter().map(|c| c * case.number("beta")).collect();
    let start: Vec<f32> = (0..m * n).map(|at| if c.is_empty() { 0.0 } else { c[at % c.len()] }).collect();
    for product in [Product::Own, Product::Library] {
        let mut y = start.clone();
        gemm::gemm(product, [m, n, k], left, right, &mut y, n, gemm::Beta::One);
        case.compare(&format!("{product:?}"), "y", &y);
    }
}
