//! Operator cases that ONNX and PyTorch test themselves with, on the working kernels and on the textbook ones.
//!
//! `fixtures/conformance/README.md` says where the cases come from and under which licences. Every case runs in every way
//! the library has: canonical and packed weights, our own product and matrixmultiply's, the reference; forward, and
//! backward where the case brings gradients. max |a − b| ≤ 1e-5 · max(1, max |b|) for each tensor. All failures are
//! reported together; the table of how many cases ran is asserted, so that the test cannot come to run nothing.

#[path = "conformance/case.rs"]
mod case;
#[path = "conformance/spatial.rs"]
mod spatial;

use std::collections::BTreeMap;
use std::fs;

use case::{Case, FIXTURES};
use convnet::ops::geometry::Linear;
use convnet::ops::{Activation, Product, Weight, gemm};
use convnet::ops::{activation, dropout, linear, loss, reference, softmax};
use serde_json::Value;
use spatial::*;

/// Cases that run, by operator.
const COUNTS: [(&str, usize); 16] = [
    ("avg_pool", 28),
    ("conv", 44),
    ("conv_transpose", 26),
    ("dropout", 6),
    ("flatten", 7),
    ("gemm", 9),
    ("global_avg_pool", 2),
    ("linear", 5),
    ("log_softmax", 8),
    ("max_pool", 58),
    ("mse_loss", 3),
    ("relu", 3),
    ("sigmoid", 5),
    ("softmax", 8),
    ("softmax_cross_entropy", 3),
    ("tanh", 1),
];

/// Cases that do not run, and why.
const SKIPPED: [(&str, &str); 7] = [
    ("test_softmax_axis_0", "softmax is over the last axis only"),
    ("test_softmax_axis_1", "softmax is over the last axis only"),
    ("test_logsoftmax_axis_0", "log-softmax is over the last axis only"),
    ("log_softmax_1", "log-softmax is over the last axis only"),
    ("test_sce_mean_3d", "cross-entropy is over [N, C] only"),
    ("test_sce_NCd1d2d3d4d5_none_no_weight_log_prob", "cross-entropy is over [N, C] only"),
    ("test_training_dropout_mask", "the mask comes from NumPy's generator, ours from a seed"),
];

#[test]
fn onnx_and_pytorch_cases() {
    let index: Value = serde_json::from_str(&fs::read_to_string(format!("{FIXTURES}/index.json")).unwrap()).unwrap();
    let (mut ran, mut skipped, mut failures) = (BTreeMap::<String, usize>::new(), 0, Vec::new());
    for entry in index["cases"].as_array().unwrap() {
        if SKIPPED.iter().any(|(name, _)| entry["name"] == *name) {
            skipped += 1;
            continue;
        }
        let mut case = Case::read(entry);
        let compared = run(&mut case);
        assert!(compared && case.compared > 0, "{} compared nothing", case.name);
        *ran.entry(case.op).or_default() += 1;
        failures.extend(case.failures);
    }
    println!("{ran:#?}");
    for (name, reason) in SKIPPED {
        println!("skipped {name}: {reason}");
    }
    assert!(failures.is_empty(), "{} comparisons failed:\n{}", failures.len(), failures.join("\n"));
    let ran: Vec<(&str, usize)> = ran.iter().map(|(op, count)| (op.as_str(), *count)).collect();
    assert_eq!((ran, skipped), (COUNTS.to_vec(), SKIPPED.len()));
}

/// Runs a case; whether there is a runner for its operator.
fn run(case: &mut Case) -> bool {
    match case.op.as_str() {
        "conv" => run_conv(case),
        "conv_transpose" => run_conv_transpose(case),
        "max_pool" => run_max_pool(case),
        "avg_pool" => run_avg_pool(case),
        "global_avg_pool" => run_global_avg_pool(case),
        "linear" => run_linear(case),
        "gemm" => run_gemm(case),
        "relu" => run_activation(case, Activation::Relu),
        "tanh" => run_activation(case, Activation::Tanh),
        "sigmoid" => run_activation(case, Activation::Sigmoid),
        "softmax" => run_softmax(case),
        "log_softmax" => run_log_softmax(case),
        "softmax_cross_entropy" => run_cross_entropy(case),
        "mse_loss" => run_mse(case),
        "flatten" => case.compare("memory", "y", &case.get("x")), // a value keeps its order in memory
        "dropout" => run_dropout(case),
        _ => return false,
    }
    true
}

fn run_linear(case: &mut Case) {
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
fn run_gemm(case: &mut Case) {
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

/// A function in place and its derivative from the output, on one path.
fn run_in_place(case: &mut Case, path: &str, forward: impl Fn(&mut [f32]), backward: impl Fn(&[f32], &mut [f32])) {
    let (mut y, mut grad) = (case.get("x"), case.get("gy"));
    forward(&mut y);
    case.compare(path, "y", &y);
    if !grad.is_empty() {
        backward(&y, &mut grad);
        case.compare(path, "gx", &grad);
    }
}

fn run_activation(case: &mut Case, f: Activation) {
    let forward = |x: &mut [f32]| reference::activation_forward(f, x);
    run_in_place(case, "reference", forward, |y, grad| reference::activation_backward(f, y, grad));
    run_in_place(case, "working", |x| activation::apply(f, x), |y, grad| activation::backward(f, y, grad));
}

/// Columns of a case over its last axis.
fn last_axis(case: &Case) -> usize {
    let shape = case.shape("x");
    assert_eq!(case.attrs["axis"], shape.len() - 1, "{} is over another axis", case.name);
    *shape.last().unwrap()
}

fn run_softmax(case: &mut Case) {
    let n = last_axis(case);
    run_in_place(case, "reference", |x| reference::softmax(n, x), |y, grad| reference::softmax_backward(n, y, grad));
    run_in_place(case, "working", |x| softmax::forward(n, x), |y, grad| softmax::backward(n, y, grad));
}

fn run_log_softmax(case: &mut Case) {
    let n = last_axis(case);
    let backward = |y: &[f32], grad: &mut [f32]| reference::log_softmax_backward(n, y, grad);
    run_in_place(case, "reference", |x| reference::log_softmax(n, x), backward);
    run_in_place(case, "working", |x| softmax::log_forward(n, x), |y, grad| softmax::log_backward(n, y, grad));
}

/// Ours is the mean over a batch; a batch of one sample at a time gives what "none" and "sum" ask for.
fn run_cross_entropy(case: &mut Case) {
    let (classes, x) = (case.shape("x")[1], case.get("x"));
    let targets: Vec<usize> = case.get("target").iter().map(|t| *t as usize).collect();
    type Loss = fn(usize, &[f32], &[usize], &mut [f32]) -> f32;
    let paths: [(&str, Loss); 2] = [("reference", reference::cross_entropy::<f32>), ("working", loss::cross_entropy)];
    for (path, cross_entropy) in paths {
        let one = |(row, target): (&[f32], &usize)| cross_entropy(classes, row, &[*target], &mut vec![0.0; classes]);
        let losses: Vec<f32> = x.chunks(classes).zip(&targets).map(one).collect();
        let mean = cross_entropy(classes, &x, &targets, &mut vec![0.0; x.len()]);
        match case.attrs["reduction"].as_str().unwrap() {
            "none" => case.compare(path, "y", &losses),
            "sum" => case.compare(path, "y", &[mean * targets.len() as f32]),
            _ => case.compare(path, "y", &[mean]),
        }
    }
}

/// Ours is the mean over all values; one value at a time gives what "none" asks for.
fn run_mse(case: &mut Case) {
    let (x, target, gy) = (case.get("x"), case.get("target"), case.get("gy"));
    type Loss = fn(&[f32], &[f32], &mut [f32]) -> f32;
    let paths: [(&str, Loss); 2] =
        [("reference", reference::mean_squared_error::<f32>), ("working", loss::mean_squared_error)];
    let values = if case.attrs["reduction"] == "none" { 1 } else { x.len() };
    for (path, mse) in paths {
        let mut gx = vec![f32::NAN; x.len()];
        let parts = x.chunks(values).zip(target.chunks(values)).zip(gx.chunks_mut(values));
        let y: Vec<f32> = parts.map(|((x, target), gx)| mse(x, target, gx)).collect();
        case.compare(path, "y", &y);
        gx.chunks_mut(values).zip(&gy).for_each(|(gx, gy)| gx.iter_mut().for_each(|gx| *gx *= gy));
        case.compare(path, "gx", &gx);
        case.compare(path, "gtarget", &gx.iter().map(|gx| -gx).collect::<Vec<_>>());
    }
}

/// At inference dropout does nothing, which here is probability 0.
fn run_dropout(case: &mut Case) {
    let mut y = case.get("x");
    dropout::forward(if case.flag("training") { case.number("ratio") } else { 0.0 }, 1, &mut y);
    case.compare("working", "y", &y);
}
