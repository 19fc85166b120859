//! Writes the ONNX file: protocol buffers by hand, since a graph of eleven nodes needs four kinds of messages.

use std::path::PathBuf;
use std::{env, fs};

use safetensors::SafeTensors;

const WEIGHTS: &str = "../../../examples/data/lenet5.safetensors";

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A field that is a number.
fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// A field that is bytes: a text, or a message.
fn bytes(field: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// An attribute of integers, or, if there is one, of an integer.
fn attribute(name: &str, values: &[u64]) -> Vec<u8> {
    const INT: u64 = 2;
    const INTS: u64 = 7;
    let value = match values {
        [value] => [number(3, *value), number(20, INT)].concat(),
        _ => [values.iter().flat_map(|value| number(8, *value)).collect(), number(20, INTS)].concat(),
    };
    bytes(5, [bytes(1, name), value].concat())
}

fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let inputs = inputs.iter().flat_map(|input| bytes(1, input)).collect();
    bytes(1, [inputs, bytes(2, output), bytes(4, operator), attributes.concat()].concat())
}

/// The name and the sizes of an input or an output, of floats.
fn value(field: u64, name: &str, sizes: &[u64]) -> Vec<u8> {
    let sizes: Vec<u8> = sizes.iter().flat_map(|size| bytes(1, number(1, *size))).collect();
    bytes(field, [bytes(1, name), bytes(2, bytes(1, [number(1, 1), bytes(2, sizes)].concat()))].concat())
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={WEIGHTS}");
    let file = fs::read(WEIGHTS).expect("the weights are bundled");
    let mut graph = Vec::new();
    let mut last = "x".to_owned();
    let mut add = |operator: &str, parameters: &str, attributes: &[Vec<u8>]| {
        let output = if parameters == "fc3" { "y".to_owned() } else { format!("{last}{}", operator.to_lowercase()) };
        let names = [format!("{parameters}.weight"), format!("{parameters}.bias")];
        let inputs =
            if parameters.is_empty() { vec![&last[..]] } else { vec![&last[..], &names[0][..], &names[1][..]] };
        graph.extend(node(operator, &inputs, &output, attributes));
        last = output;
    };
    let pool = [attribute("kernel_shape", &[2, 2]), attribute("strides", &[2, 2])];
    add("Conv", "conv1", &[attribute("kernel_shape", &[5, 5]), attribute("pads", &[2, 2, 2, 2])]);
    add("Relu", "", &[]);
    add("MaxPool", "", &pool);
    add("Conv", "conv2", &[attribute("kernel_shape", &[5, 5])]);
    add("Relu", "", &[]);
    add("MaxPool", "", &pool);
    add("Flatten", "", &[attribute("axis", &[1])]);
    for layer in ["fc1", "fc2", "fc3"] {
        add("Gemm", layer, &[attribute("transB", &[1])]);
        if layer != "fc3" {
            add("Relu", "", &[]);
        }
    }
    graph.extend(bytes(2, "lenet5"));
    for (name, tensor) in SafeTensors::deserialize(&file).expect("a safetensors file").tensors() {
        let sizes = tensor.shape().iter().flat_map(|size| number(1, *size as u64)).collect();
        graph.extend(bytes(5, [sizes, number(2, 1), bytes(8, name), bytes(9, tensor.data())].concat()));
    }
    graph.extend(value(11, "x", &[1, 1, 28, 28]));
    graph.extend(value(12, "y", &[1, 10]));
    let model = [number(1, 8), bytes(7, graph), bytes(8, number(2, 13))].concat();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where"));
    fs::write(out.join("lenet5.onnx"), model).expect("the folder can be written");
}
