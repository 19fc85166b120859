//! Operator cases that ONNX and PyTorch test themselves with, on the working kernels and on the textbook ones.
//!
//! `fixtures/conformance/README.md` says where the cases come from and under which licences. Every case runs in every way
//! the library has: canonical and packed weights, our own product and matrixmultiply's, the reference; forward, and
//! backward where the case brings gradients. max |a − b| ≤ 1e-5 · max(1, max |b|) for each tensor. All failures are
//! reported together; the table of how many cases ran is printed, and asserted, so that the test cannot come to run
//! nothing.
//!
//! Where frameworks differ, PyTorch's rule is ours. An ONNX case of another rule is put into ours beforehand, and the
//! function that does so says how.

#[path = "conformance/case.rs"]
mod case;
#[path = "conformance/matrix.rs"]
mod matrix;
#[path = "conformance/normalization.rs"]
mod normalization;
#[path = "conformance/pointwise.rs"]
mod pointwise;
#[path = "conformance/skipped.rs"]
mod skipped;
#[path = "conformance/spatial.rs"]
mod spatial;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;

use case::{Case, FIXTURES};
use convnet::ops::Activation;
use matrix::*;
use normalization::*;
use pointwise::*;
use serde_json::Value;
use skipped::SKIPPED;
use spatial::*;

/// Cases that run, by operator.
const COUNTS: [(&str, usize); 24] = [
    ("avg_pool", 28),
    ("batch_norm", 14),
    ("concat", 4),
    ("conv", 44),
    ("conv_transpose", 26),
    ("dropout", 6),
    ("elu", 2),
    ("flatten", 7),
    ("gemm", 9),
    ("global_avg_pool", 2),
    ("global_max_pool", 2),
    ("leaky_relu", 1),
    ("linear", 5),
    ("log_softmax", 10),
    ("lrn", 9),
    ("max_pool", 58),
    ("mse_loss", 3),
    ("prelu", 7),
    ("relu", 3),
    ("selu", 4),
    ("sigmoid", 5),
    ("softmax", 10),
    ("softmax_cross_entropy", 5),
    ("tanh", 1),
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
        assert!(run(&mut case), "{}: nothing runs {}", case.name, case.op);
        case.assert_all_compared();
        *ran.entry(case.op).or_default() += 1;
        failures.extend(case.failures);
    }
    print(&ran);
    assert!(failures.is_empty(), "{} comparisons failed:\n{}", failures.len(), failures.join("\n"));
    let ran: Vec<(&str, usize)> = ran.iter().map(|(op, count)| (op.as_str(), *count)).collect();
    assert_eq!((ran, skipped), (COUNTS.to_vec(), SKIPPED.len()));
}

/// The table. Written past the test harness, which would keep it to itself when all is well.
fn print(ran: &BTreeMap<String, usize>) {
    let mut table = String::from("\nconformance cases run, by operator\n");
    ran.iter().for_each(|(op, count)| table += &format!("{count:>6}  {op}\n"));
    table += &format!("{:>6}  in all, {} left out\n", ran.values().sum::<usize>(), SKIPPED.len());
    SKIPPED.iter().for_each(|(name, reason)| table += &format!("        {name}: {reason}\n"));
    std::io::stderr().write_all(table.as_bytes()).unwrap();
}

/// Runs a case; whether there is a runner for its operator.
fn run(case: &mut Case) -> bool {
    match case.op.as_str() {
        "conv" => run_conv(case),
        "conv_transpose" => run_conv_transpose(case),
        "max_pool" => run_max_pool(case),
        "avg_pool" => run_avg_pool(case),
        "global_avg_pool" => run_global_avg_pool(case),
        "global_max_pool" => run_global_max_pool(case),
        "linear" => run_linear(case),
        "gemm" => run_gemm(case),
        "relu" => run_activation(case, Activation::Relu),
        "leaky_relu" => run_activation(case, Activation::LeakyRelu(case.number("alpha"))),
        "elu" => run_activation(case, Activation::Elu(case.number("alpha"))),
        "selu" => run_selu(case),
        "tanh" => run_activation(case, Activation::Tanh),
        "sigmoid" => run_activation(case, Activation::Sigmoid),
        "prelu" => run_prelu(case),
        "softmax" => run_softmax(case),
        "log_softmax" => run_log_softmax(case),
        "lrn" => run_lrn(case),
        "batch_norm" => run_batch_norm(case),
        "softmax_cross_entropy" => run_cross_entropy(case),
        "mse_loss" => run_mse(case),
        "flatten" => case.compare("memory", "y", &case.get("x")), // a value keeps its order in memory
        "concat" => run_concat(case),
        "dropout" => run_dropout(case),
        _ => return false,
    }
    true
}
