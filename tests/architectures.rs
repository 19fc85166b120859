//! Whole architectures with repeatable weights against ONNX Runtime's answers: `fixtures/architectures/README.md`.
#![cfg(feature = "train")]

use convnet::arena::Floats;
use convnet::layer::{Forward, Kernels, Layer};
use convnet::ops::{Product, Weight};
use convnet::{Network, cnn};
use convnet_shape::op::Op;
use serde_json::Value;

cnn! {
    /// The AlexNet of Caffe's zoo: groups, local response normalisation, 224 in the place of 227.
    pub struct CaffeAlexNet: [3, 224, 224] -> [1000] {
        conv1: conv2d(96, kernel = 11, stride = 4), relu, lrn(5) => [96, 54, 54],
        max_pool2d(3, stride = 2) => [96, 26, 26],
        conv2: conv2d(256, kernel = 5, padding = 2, groups = 2), relu, lrn(5),
        max_pool2d(3, stride = 2) => [256, 12, 12],
        conv3: conv2d(384, kernel = 3, padding = 1), relu,
        conv4: conv2d(384, kernel = 3, padding = 1, groups = 2), relu,
        conv5: conv2d(256, kernel = 3, padding = 1, groups = 2), relu,
        max_pool2d(3, stride = 2, padding = ((0, 1), (0, 1))) => [256, 6, 6],
        flatten,
        fc6: linear(4096), relu, dropout(0.5),
        fc7: linear(4096), relu, dropout(0.5),
        fc8: linear(1000),
    }
}

cnn! {
    block inception(c1, r3, c3, r5, c5, proj) {
        concat {
            { conv2d(c1, kernel = 1), relu },
            { conv2d(r3, kernel = 1), relu, conv2d(c3, kernel = 3, padding = 1), relu },
            { conv2d(r5, kernel = 1), relu, conv2d(c5, kernel = 5, padding = 2), relu },
            { max_pool2d(3, stride = 1, padding = 1), conv2d(proj, kernel = 1), relu },
        }
    }

    /// The GoogLeNet of Caffe2's zoo: pools round down.
    pub struct CaffeGoogLeNet: [3, 224, 224] -> [1000] {
        conv2d(64, kernel = 7, stride = 2, padding = 3), relu,
        max_pool2d(3, stride = 2), lrn(5) => [64, 55, 55],
        conv2d(64, kernel = 1), relu,
        conv2d(192, kernel = 3, padding = 1), relu, lrn(5),
        max_pool2d(3, stride = 2) => [192, 27, 27],
        inception(64, 96, 128, 16, 32, 32), inception(128, 128, 192, 32, 96, 64),
        max_pool2d(3, stride = 2) => [480, 13, 13],
        inception(192, 96, 208, 16, 48, 64), inception(160, 112, 224, 24, 64, 64), inception(128, 128, 256, 24, 64, 64),
        inception(112, 144, 288, 32, 64, 64), inception(256, 160, 320, 32, 128, 128),
        max_pool2d(3, stride = 2) => [832, 6, 6],
        inception(256, 160, 320, 32, 128, 128), inception(384, 192, 384, 48, 128, 128),
        avg_pool2d(7, stride = 1, padding = ((0, 1), (0, 1)), count_include_pad = false) => [1024, 1, 1],
        dropout(0.4), flatten,
        linear(1000),
    }
}

#[cfg(feature = "models")]
use convnet::models::Vgg19;

/// The rule of the README: `len` values of tensor number `t`.
fn filled(t: i64, offset: f64, bound: f64, values: &mut [f32]) {
    let start = 20_240_501_u64.wrapping_add(((t + 1) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    for (i, value) in values.iter_mut().enumerate() {
        let mut z = start.wrapping_add((i as u64).wrapping_mul(0xD1B5_4A32_D192_ED03));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        let u = (z >> 40) as f64 / f64::from(1 << 23) - 1.0;
        *value = (offset + bound * u) as f32;
    }
}

fn list(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// The graph without what computes nothing in inference, and the softmax, which is a part of the loss here.
fn nodes(graph: &Value) -> Vec<&Value> {
    let computes = |node: &&Value| !["Dropout", "Reshape", "Softmax"].contains(&node["op"].as_str().unwrap());
    graph["nodes"].as_array().unwrap().iter().filter(computes).collect()
}

/// The number of a node's weight or bias; a weight may have been reshaped.
fn tensor(graph: &Value, node: &Value, input: usize) -> usize {
    let name = node["inputs"][input].as_str().unwrap();
    let named = |name: &str| graph["tensors"].as_array().unwrap().iter().position(|tensor| tensor["name"] == name);
    named(name).unwrap_or_else(|| {
        let made_by = graph["nodes"].as_array().unwrap().iter().find(|node| node["outputs"][0] == name).unwrap();
        named(made_by["inputs"][0].as_str().unwrap()).unwrap()
    })
}

fn agrees<N: Network>(file: &str) {
    let text = std::fs::read_to_string(format!("tests/fixtures/architectures/{file}.json")).unwrap();
    let graph: Value = serde_json::from_str(&text).unwrap();
    let architecture = N::ARCHITECTURE;
    assert_eq!(graph["params"].as_u64().unwrap() as usize, architecture.params());

    let mut net = N::init(0);
    let theirs = nodes(&graph);
    let with_weights = theirs.iter().filter(|node| ["Conv", "Gemm"].contains(&node["op"].as_str().unwrap()));
    let ours = architecture.nodes.iter().filter(|node| !node.op.weight(&node.input).is_empty());
    let mut rest = net.params_mut();
    for (node, own) in with_weights.zip(ours) {
        for (input, len) in [(1, own.op.weight(&own.input).len()), (2, own.op.bias_len(&own.input))] {
            let number = tensor(&graph, node, input);
            let of = &graph["tensors"][number];
            assert_eq!(list(&of["shape"]).iter().product::<f64>() as usize, len, "{}", of["name"]);
            let (values, behind) = rest.split_at_mut(len);
            filled(number as i64, of["offset"].as_f64().unwrap(), of["bound"].as_f64().unwrap(), values);
            rest = behind;
        }
    }
    assert!(rest.is_empty());
    let mut input = N::Input::zeroed_box();
    filled(-1, 0.0, 1.0, input.as_floats_mut());

    let one = std::slice::from_ref(&*input);
    answers(&graph, "canonical", net.forward_batch(one)[0].as_floats());
    answers(&graph, "prepared", net.prepare().forward_batch(one)[0].as_floats());
    samples::<N>(&net, input.as_floats(), &theirs);
}

/// Logits and softmax.
fn answers(graph: &Value, way: &str, logits: &[f32]) {
    let name = &graph["net"];
    let expected = list(&graph["logits"]);
    let largest = expected.iter().fold(1.0_f64, |max, x| max.max(x.abs()));
    for (found, expected) in logits.iter().zip(&expected) {
        assert!((f64::from(*found) - expected).abs() <= 1e-4 * largest, "{name}, {way}: logit {found}, not {expected}");
    }
    let max = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f64> = logits.iter().map(|x| f64::from(x - max).exp()).collect();
    let sum: f64 = powers.iter().sum();
    for (found, expected) in powers.iter().map(|power| power / sum).zip(list(&graph["softmax"])) {
        assert!((found - expected).abs() <= 1e-5, "{name}, {way}: probability {found}, not {expected}");
    }
}

/// Runs with the plan of training, which keeps values, and holds the samples of each node whose value is still there
/// against its layer's.
fn samples<N: Network>(net: &N, input: &[f32], theirs: &[&Value]) {
    let (architecture, sizes) = (N::ARCHITECTURE, N::ARCHITECTURE.training_sizes);
    let (mut output, mut slots) = (vec![0.0; architecture.output().len()], vec![0.0; sizes.slots]);
    let (mut kernel, steps) = (vec![0.0; sizes.kernel], architecture.training);
    let mut run = Forward {
        steps,
        batch: 1,
        params: Weight::Canonical(net.params()),
        kernels: Kernels::CANONICAL,
        input,
        output: &mut output,
        slots: &mut slots,
        kernel: &mut kernel,
        product: Product::Own,
        saved: &mut [],
        dropout: None,
        training: false,
        next: 0,
        done: 0,
    };
    <N::Chain as Layer<N::Shape>>::forward(&mut run);
    let ours = (0..steps.len()).filter(|i| !matches!(architecture.nodes[*i].op, Op::Dropout(_) | Op::Flatten));
    let mut held = 0;
    let ours: Vec<usize> = ours.collect();
    assert_eq!(ours.len(), theirs.len(), "{}", architecture.name);
    for (layer, node) in ours.into_iter().zip(theirs) {
        let own = steps[layer].output;
        let overwritten = steps[layer + 1..].iter().any(|step| step.output == own && step.input == own);
        // Dropout is the identity, and flatten moves nothing.
        let changes = |i: usize| !matches!(architecture.nodes[i].op, Op::Dropout(_) | Op::Flatten);
        if overwritten && (layer + 1..steps.len()).any(|i| steps[i].output == own && changes(i)) {
            continue;
        }
        let value = match own.place {
            convnet_shape::plan::Place::Output => &output[own.batch(1)],
            _ => &slots[own.batch(1)],
        };
        let (name, check) = (architecture.names[layer], &node["check"]);
        let deviation = check["std"].as_f64().unwrap();
        for (index, expected) in list(&check["index"]).iter().zip(list(&check["value"])) {
            let found = f64::from(value[*index as usize]);
            assert!((found - expected).abs() <= 1e-4 * deviation, "{name}[{index}] is {found}, not {expected}");
        }
        held += 1;
    }
    println!("{}: {held} of {} nodes held against their samples", architecture.name, theirs.len());
}

#[test]
fn alexnet() {
    agrees::<CaffeAlexNet>("bvlc_alexnet");
}

#[test]
fn googlenet() {
    agrees::<CaffeGoogLeNet>("inception_v1");
}

#[cfg(feature = "models")]
#[test]
fn vgg19() {
    agrees::<Vgg19>("vgg19");
}
