//! Convolutions and pools.

use convnet::ops::geometry::{Conv, Pool};
use convnet::ops::window::Rounding;
use convnet::ops::{Product, Weight, conv, conv_transpose, pool, reference};

use crate::case::Case;

/// The convolution from `input` to `output`, both `[N, C, …]`.
fn conv_geometry(case: &Case, input: &str, output: &str, bias: bool) -> Conv {
    let (x, y) = (case.shape(input), case.shape(output));
    let groups = case.attrs["groups"].as_u64().unwrap() as usize;
    let axes = case.axes(&x[2..], &y[2..], Rounding::Floor);
    Conv { in_channels: x[1], out_channels: y[1], groups, bias, axes }
}

pub fn run_conv(case: &mut Case) {
    let (g, batch) = (conv_geometry(case, "x", "y", case.has("b")), case.shape("x")[0]);
    let (x, w, b) = (case.get("x"), case.get("w"), case.get("b"));
    let mut y = vec![f32::NAN; batch * g.output_len()];
    reference::conv_forward(&g, batch, &x, &w, &b, &mut y);
    case.compare("reference", "y", &y);
    let mut packed = vec![f32::NAN; conv::packed_floats(&g)];
    conv::pack(&g, &w, &b, &mut packed);
    let mut scratch = vec![f32::NAN; conv::scratch_floats(&g).max(conv::backward_scratch_floats(&g))];
    for product in [Product::Own, Product::Library] {
        for (kind, weight, b) in
            [("canonical", Weight::Canonical(&w), &b[..]), ("packed", Weight::Packed(&packed), &[])]
        {
            y.fill(f32::NAN);
            conv::forward(&g, batch, &x, weight, b, None, &mut y, &mut scratch, product);
            case.compare(&format!("{kind} {product:?}"), "y", &y);
        }
    }
    let (gy, zeros) = (case.get("gy"), || (vec![0.0; x.len()], vec![0.0; w.len()], vec![0.0; b.len()]));
    if gy.is_empty() {
        return;
    }
    for path in ["reference", "working"] {
        let (mut gx, mut gw, mut gb) = zeros();
        match path {
            "reference" => reference::conv_backward(&g, batch, &x, &w, &gy, Some(&mut gx), &mut gw, &mut gb),
            _ => conv::backward(&g, batch, &x, &w, &gy, Some(&mut gx), &mut gw, &mut gb, &mut scratch),
        }
        [("gx", gx), ("gw", gw), ("gb", gb)].iter().for_each(|(name, grad)| case.compare(path, name, grad));
    }
}

/// The geometry is that of the convolution from y to x.
pub fn run_conv_transpose(case: &mut Case) {
    let (g, batch) = (conv_geometry(case, "y", "x", case.has("b")), case.shape("x")[0]);
    let (x, w, b, gy) = (case.get("x"), case.get("w"), case.get("b"), case.get("gy"));
    let mut y = vec![f32::NAN; batch * g.input_len()];
    reference::conv_transposed(&g, batch, &x, &w, &b, &mut y);
    case.compare("reference", "y", &y);
    let mut packed = vec![f32::NAN; conv_transpose::packed_floats(&g)];
    conv_transpose::pack(&g, &w, &b, &mut packed);
    let scratch = conv_transpose::scratch_floats(&g).max(conv_transpose::backward_scratch_floats(&g));
    let mut scratch = vec![f32::NAN; scratch];
    for product in [Product::Own, Product::Library] {
        for (kind, weight, b) in
            [("canonical", Weight::Canonical(&w), &b[..]), ("packed", Weight::Packed(&packed), &[])]
        {
            y.fill(f32::NAN);
            conv_transpose::forward(&g, batch, &x, weight, b, None, &mut y, &mut scratch, product);
            case.compare(&format!("{kind} {product:?}"), "y", &y);
        }
    }
    for path in ["reference", "working"].iter().filter(|_| !gy.is_empty()) {
        let (mut gx, mut gw, mut gb) = (vec![0.0; x.len()], vec![0.0; w.len()], vec![0.0; b.len()]);
        let grads = (Some(&mut gx[..]), &mut gw[..], &mut gb[..]);
        match *path {
            "reference" => {
                reference::conv_transposed_backward(&g, batch, &x, &w, &gy, grads.0, grads.1, grads.2);
            }
            _ => conv_transpose::backward(&g, batch, &x, &w, &gy, grads.0, grads.1, grads.2, &mut scratch),
        }
        [("gx", gx), ("gw", gw), ("gb", gb)].iter().for_each(|(name, grad)| case.compare(path, name, grad));
    }
}

fn pool_geometry(case: &Case, count_include_pad: bool) -> (Pool, usize) {
    let (x, y) = (case.shape("x"), case.shape("y"));
    let rounding = if case.flag("ceil_mode") { Rounding::Ceil } else { Rounding::Floor };
    (Pool { channels: x[1], count_include_pad, axes: case.axes(&x[2..], &y[2..], rounding) }, x[0])
}

/// A forward and a backward function on two paths, each from its input to its output.
pub fn run_both(case: &mut Case, outputs: usize, paths: [(&str, &Forward, &Backward); 2]) {
    let (x, gy) = (case.get("x"), case.get("gy"));
    for (path, forward, backward) in paths {
        let (mut y, mut gx) = (vec![f32::NAN; outputs], vec![0.0; x.len()]);
        forward(&x, &mut y);
        case.compare(path, "y", &y);
        if !gy.is_empty() {
            backward(&x, &gy, &mut gx);
            case.compare(path, "gx", &gx);
        }
    }
}

/// (x, y) and (x, ∂L/∂y, ∂L/∂x).
pub type Forward<'a> = dyn Fn(&[f32], &mut [f32]) + 'a;
pub type Backward<'a> = dyn Fn(&[f32], &[f32], &mut [f32]) + 'a;

pub fn run_max_pool(case: &mut Case) {
    let (g, n) = pool_geometry(case, false);
    let textbook: (&Forward, &Backward) =
        (&|x, y| reference::max_pool_forward(&g, n, x, y), &|x, gy, gx| reference::max_pool_backward(&g, n, x, gy, gx));
    let working: (&Forward, &Backward) =
        (&|x, y| pool::max_forward(&g, n, x, y), &|x, gy, gx| pool::max_backward(&g, n, x, gy, gx));
    run_both(case, n * g.output_len(), [("reference", textbook.0, textbook.1), ("working", working.0, working.1)]);
}

pub fn run_avg_pool(case: &mut Case) {
    let (g, n) = pool_geometry(case, case.flag("count_include_pad"));
    let textbook: (&Forward, &Backward) = (&|x, y| reference::average_pool_forward(&g, n, x, y), &|_, gy, gx| {
        reference::average_pool_backward(&g, n, gy, gx)
    });
    let working: (&Forward, &Backward) =
        (&|x, y| pool::average_forward(&g, n, x, y), &|_, gy, gx| pool::average_backward(&g, n, gy, gx));
    run_both(case, n * g.output_len(), [("reference", textbook.0, textbook.1), ("working", working.0, working.1)]);
}

pub fn run_global_avg_pool(case: &mut Case) {
    let x = case.shape("x");
    let (channels, cells) = (x[0] * x[1], x[2..].iter().product());
    let textbook: (&Forward, &Backward) = (&|x, y| reference::global_average_forward(cells, x, y), &|_, gy, gx| {
        reference::global_average_backward(cells, gy, gx)
    });
    let working: (&Forward, &Backward) =
        (&|x, y| pool::global_average_forward(cells, x, y), &|_, gy, gx| pool::global_average_backward(cells, gy, gx));
    run_both(case, channels, [("reference", textbook.0, textbook.1), ("working", working.0, working.1)]);
}

pub fn run_global_max_pool(case: &mut Case) {
    let x = case.shape("x");
    let (channels, cells) = (x[0] * x[1], x[2..].iter().product());
    let textbook: (&Forward, &Backward) = (&|x, y| reference::global_max_forward(cells, x, y), &|x, gy, gx| {
        reference::global_max_backward(cells, x, gy, gx)
    });
    let working: (&Forward, &Backward) =
        (&|x, y| pool::global_max_forward(cells, x, y), &|x, gy, gx| pool::global_max_backward(cells, x, gy, gx));
    run_both(case, channels, [("reference", textbook.0, textbook.1), ("working", working.0, working.1)]);
}
