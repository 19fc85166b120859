//! Functions of each value, softmax, losses, and what only moves values.

use convnet::ops::activation::{SELU_ALPHA, SELU_SCALE};
use convnet::ops::{Activation, activation, concat, dropout, loss, prelu, reference, softmax};

use crate::case::Case;

/// A function in place and its gradient in place, from input x and output y.
struct InPlace<'a> {
    path: &'static str,
    forward: &'a dyn Fn(&mut [f32]),
    backward: &'a Backward<'a>,
}

/// (x, y, the gradient).
type Backward<'a> = dyn Fn(&[f32], &[f32], &mut [f32]) + 'a;

fn run_in_place(case: &mut Case, paths: [InPlace; 2]) {
    let x = case.get("x");
    for InPlace { path, forward, backward } in paths {
        let (mut y, mut grad) = (x.clone(), case.get("gy"));
        forward(&mut y);
        case.compare(path, "y", &y);
        if !grad.is_empty() {
            backward(&x, &y, &mut grad);
            case.compare(path, "gx", &grad);
        }
    }
}

pub fn run_activation(case: &mut Case, f: Activation) {
    run_scaled(case, f, 1.0);
}

/// A SELU of other constants than Klambauer's is γ · ELU.
pub fn run_selu(case: &mut Case) {
    let number = |key: &str, default: f64| case.attrs.get(key).map_or(default, |value| value.as_f64().unwrap());
    let (alpha, gamma) = (number("alpha", SELU_ALPHA), number("gamma", SELU_SCALE));
    if (alpha - SELU_ALPHA).abs() < 1e-6 && (gamma - SELU_SCALE).abs() < 1e-6 {
        run_scaled(case, Activation::Selu, 1.0);
    } else {
        run_scaled(case, Activation::Elu(alpha as f32), gamma as f32);
    }
}

/// y = scale · f(x).
fn run_scaled(case: &mut Case, f: Activation, scale: f32) {
    let scaled = |values: &mut [f32]| values.iter_mut().for_each(|y| *y *= scale);
    let textbook = InPlace {
        path: "reference",
        forward: &|x| {
            reference::activation_forward(f, x);
            scaled(x);
        },
        backward: &|x, _, grad| {
            scaled(grad);
            reference::activation_backward(f, x, grad);
        },
    };
    let working = InPlace {
        path: "working",
        forward: &|x| {
            activation::apply(f, x);
            scaled(x);
        },
        backward: &|x, y, grad| {
            assert_eq!(scale, 1.0, "the output would have to be scaled back");
            activation::backward(f, if f.derives_from_output() { y } else { x }, grad);
        },
    };
    run_in_place(case, [textbook, working]);
}

/// Slopes of the last axes, as NumPy broadcasts them, are slopes of channels with one cell each.
pub fn run_prelu(case: &mut Case) {
    let (x_shape, x, slope, gy) = (case.shape("x"), case.get("x"), case.get("slope"), case.get("gy"));
    let by_channel = case.attrs["layout"] == "slope is per channel (dim 1) or one value";
    let cells = if by_channel { x_shape[2..].iter().product() } else { 1 };
    for path in ["reference", "working"] {
        let mut y = x.clone();
        match path {
            "reference" => reference::prelu_forward(cells, &slope, &mut y),
            _ => prelu::forward(cells, &slope, &mut y),
        }
        case.compare(path, "y", &y);
        if gy.is_empty() {
            continue;
        }
        let (mut gx, mut gslope) = (vec![0.0; x.len()], vec![0.0; slope.len()]);
        match path {
            "reference" => reference::prelu_backward(cells, &x, &slope, &gy, Some(&mut gx), &mut gslope),
            _ => prelu::backward(cells, &x, &slope, &gy, Some(&mut gx), &mut gslope),
        }
        case.compare(path, "gx", &gx);
        case.compare(path, "gslope", &gslope);
    }
}

/// The axis of a case as channels: what is before it are samples, what is behind it positions.
fn axis_as_channels(case: &Case) -> [usize; 2] {
    let (shape, axis) = (case.shape("x"), case.attrs["axis"].as_u64().unwrap() as usize);
    [shape[axis], shape[axis + 1..].iter().product()]
}

pub fn run_softmax(case: &mut Case) {
    let n = axis_as_channels(case);
    let textbook = InPlace {
        path: "reference",
        forward: &|x| reference::channel_softmax(n, x),
        backward: &|_, y, grad| reference::channel_softmax_backward(n, y, grad),
    };
    let working = InPlace {
        path: "working",
        forward: &|x| softmax::channel_forward(n, x),
        backward: &|_, y, grad| softmax::channel_backward(n, y, grad),
    };
    run_in_place(case, [textbook, working]);
}

pub fn run_log_softmax(case: &mut Case) {
    let n = axis_as_channels(case);
    let textbook = InPlace {
        path: "reference",
        forward: &|x| reference::channel_log_softmax(n, x),
        backward: &|_, y, grad| reference::channel_log_softmax_backward(n, y, grad),
    };
    let working = InPlace {
        path: "working",
        forward: &|x| softmax::channel_log_forward(n, x),
        backward: &|_, y, grad| softmax::channel_log_backward(n, y, grad),
    };
    run_in_place(case, [textbook, working]);
}

/// Ours is the mean over batch and positions; each position by itself gives what "none" asks for.
pub fn run_cross_entropy(case: &mut Case) {
    let (shape, x) = (case.shape("x"), case.get("x"));
    let targets: Vec<usize> = case.get("target").iter().map(|t| *t as usize).collect();
    let (classes, positions) = (shape[1], shape[2..].iter().product::<usize>());
    type Loss = fn([usize; 2], &[f32], &[usize], &mut [f32]) -> f32;
    let paths: [(&str, Loss); 2] =
        [("reference", reference::channel_cross_entropy::<f32>), ("working", loss::channel_cross_entropy)];
    for (path, cross_entropy) in paths {
        let mean = cross_entropy([classes, positions], &x, &targets, &mut vec![0.0; x.len()]);
        let losses: Vec<f32> = (0..targets.len())
            .map(|at| {
                let first = at / positions * classes * positions + at % positions;
                let logits: Vec<f32> = (0..classes).map(|class| x[first + class * positions]).collect();
                cross_entropy([classes, 1], &logits, &targets[at..=at], &mut vec![0.0; classes])
            })
            .collect();
        let average = losses.iter().sum::<f32>() / losses.len() as f32;
        assert!((average - mean).abs() < 1e-5, "{} {path}: mean {mean} of losses with mean {average}", case.name);
        match case.attrs["reduction"].as_str().unwrap() {
            "none" => case.compare(path, "y", &losses),
            "sum" => case.compare(path, "y", &[mean * targets.len() as f32]),
            _ => case.compare(path, "y", &[mean]),
        }
    }
}

/// Ours is the mean over all values; one value at a time gives what "none" asks for.
pub fn run_mse(case: &mut Case) {
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
pub fn run_dropout(case: &mut Case) {
    let mut y = case.get("x");
    dropout::forward(if case.flag("training") { case.number("ratio") } else { 0.0 }, 1, &mut y);
    case.compare("working", "y", &y);
}

/// Any axis: what is before it are samples, what is behind it belongs to the channels.
pub fn run_concat(case: &mut Case) {
    let (axis, shape) = (case.attrs["axis"].as_u64().unwrap() as usize, case.shape("y"));
    let batch: usize = shape[..axis].iter().product();
    let (mut y, mut at) = (vec![f32::NAN; shape.iter().product()], 0);
    for part in (0..).map(|i| format!("x{i}")).take_while(|name| case.has(name)).map(|name| case.get(&name)) {
        concat::forward(batch, at, &part, &mut y);
        at += part.len() / batch;
    }
    case.compare("working", "y", &y);
}
