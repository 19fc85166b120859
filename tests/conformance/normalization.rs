//! Local response and batch normalisation.

use convnet::ops::batch_norm::{self, Statistics};
use convnet::ops::{LrnOp, lrn, reference};

use crate::case::Case;
use crate::spatial::{Backward, Forward, run_both};

/// `[channels, cells]` of x.
fn sizes(case: &Case) -> [usize; 2] {
    let shape = case.shape("x");
    [shape[1], shape[2..].iter().product()]
}

pub fn run_lrn(case: &mut Case) {
    let size = case.attrs["size"].as_u64().unwrap() as usize;
    let op = LrnOp { size, alpha: case.number("alpha"), beta: case.number("beta"), k: case.number("k") };
    let pytorchs = case.attrs["window"].as_str().unwrap().starts_with("torch");
    assert!(pytorchs || size % 2 == 1, "{}: ONNX's even window is not ours", case.name);
    let (n, values) = (sizes(case), case.get("x").len());
    let textbook: (&Forward, &Backward) =
        (&|x, y| reference::lrn_forward(&op, n, x, y), &|x, gy, gx| reference::lrn_backward(&op, n, x, gy, gx));
    let working: (&Forward, &Backward) =
        (&|x, y| lrn::forward(&op, n, x, y), &|x, gy, gx| lrn::backward(&op, n, x, gy, gx));
    run_both(case, values, [("reference", textbook.0, textbook.1), ("working", working.0, working.1)]);
}

pub fn run_batch_norm(case: &mut Case) {
    let ([channels, cells], epsilon, x) = (sizes(case), case.number("eps"), case.get("x"));
    let (gamma, beta, running) = (case.get("scale"), case.get("bias"), [case.get("mean"), case.get("var")].concat());
    for path in ["reference", "working"] {
        let (mut statistics, mut y) = (running.clone(), vec![f32::NAN; x.len()]);
        if case.flag("training") {
            match path {
                "reference" => reference::batch_statistics(cells, &x, &mut statistics),
                _ => batch_norm::batch_statistics(cells, &x, &mut statistics),
            }
            compare_running(case, path, x.len() / channels, &statistics, running.clone());
        }
        match path {
            "reference" => reference::batch_norm_forward(cells, epsilon, &gamma, &beta, &statistics, &x, &mut y),
            _ => batch_norm::forward(cells, epsilon, &gamma, &beta, &statistics, &x, &mut y),
        }
        case.compare(path, "y", &y);
        compare_gradients(case, path, cells, &statistics);
    }
    if !case.flag("training") {
        let (mut scale, mut shift, mut y) = (vec![0.0; channels], vec![0.0; channels], x);
        batch_norm::scale_and_shift(epsilon, &gamma, &beta, &running, &mut scale, &mut shift);
        batch_norm::apply(cells, &scale, &shift, &mut y);
        case.compare("scale and shift", "y", &y);
    }
}

/// ONNX has the biased variance in the running one, which ours becomes if it is made smaller beforehand.
fn compare_running(case: &mut Case, path: &str, count: usize, statistics: &[f32], mut running: Vec<f32>) {
    let (mut statistics, channels) = (statistics.to_vec(), running.len() / 2);
    if case.attrs["momentum_note"].as_str().unwrap().contains("BIASED (ONNX)") {
        let biased = (count - 1) as f32 / count as f32;
        statistics[channels..].iter_mut().for_each(|variance| *variance *= biased);
    }
    batch_norm::update_running(count, case.number("momentum"), &statistics, &mut running);
    case.compare(path, "new_mean", &running[..channels]);
    case.compare(path, "new_var", &running[channels..]);
}

fn compare_gradients(case: &mut Case, path: &str, cells: usize, values: &[f32]) {
    let (x, gamma, gy, epsilon) = (case.get("x"), case.get("scale"), case.get("gy"), case.number("eps"));
    if gy.is_empty() {
        return;
    }
    let statistics = if case.flag("training") { Statistics::Batch(values) } else { Statistics::Running(values) };
    let (mut gx, mut gscale, mut gbias) = (vec![0.0; x.len()], vec![0.0; gamma.len()], vec![0.0; gamma.len()]);
    let grads = (Some(&mut gx[..]), &mut gscale[..], &mut gbias[..]);
    match path {
        "reference" => {
            reference::batch_norm_backward(cells, epsilon, &x, &gamma, statistics, &gy, grads.0, grads.1, grads.2)
        }
        _ => batch_norm::backward(cells, epsilon, &x, &gamma, statistics, &gy, grads.0, grads.1, grads.2),
    }
    [("gx", gx), ("gscale", gscale), ("gbias", gbias)].iter().for_each(|(name, grad)| case.compare(path, name, grad));
}
