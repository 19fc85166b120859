//! The files of weights in `tests/ui/weights`: those that fit the network of the cases there, and one for each mistake.
//!
//! A safetensors file is the length of its header (8 bytes, little-endian), the header (JSON: a name has a type, a shape, its
//! first byte among the values and the byte behind its last), and the values.

use convnet::packed::{Vectors, to_bytes};
use convnet::{Chw, cnn};
use convnet_shape::files::packed::checksum;

cnn! {
    /// The network of the cases.
    pub struct Net: [1, 5, 5] -> [2] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(2),
    }
}

/// A network with the same name and the same parameters that computes something else.
mod before {
    convnet::cnn! {
        pub struct Net: [1, 5, 5] -> [2] {
            conv1: conv2d(2, kernel = 3), tanh,
            flatten,
            fc1: linear(2),
        }
    }
}

cnn! {
    /// The same network by another name.
    pub struct Other: [1, 5, 5] -> [2] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(2),
    }
}

/// Its tensors.
const NET: [(&str, &[usize]); 4] =
    [("conv1.weight", &[2, 1, 3, 3]), ("conv1.bias", &[2]), ("fc1.weight", &[2, 18]), ("fc1.bias", &[2])];

/// The tensor that `with` takes away.
const NOTHING: &[usize] = &[usize::MAX];

/// A file: its name without an ending, and its bytes.
pub type File = (&'static str, Vec<u8>);

/// All safetensors files, those that fit first.
pub fn files() -> Vec<File> {
    let kinds = [
        fitting(),
        of_other_tensors(),
        of_no_header(),
        of_no_json(),
        of_wrong_fields(),
        of_wrong_places(),
        of_vectors(),
    ];
    kinds.into_iter().flatten().collect()
}

/// Files that are right and that no network fits, for the fuzzer to begin with: `tests/fuzz/corpus/header`.
pub fn corpus() -> Vec<File> {
    let tensor = |name: &str, dtype: &str, shape: &[usize], begin: usize, end: usize| {
        format!("\"{name}\": {{\"dtype\": \"{dtype}\", \"shape\": {shape:?}, \"data_offsets\": [{begin}, {end}]}}")
    };
    let of = |tensors: &[String], len: usize| bytes(&format!("{{{}}}", tensors.join(",")), &vec![7; len]);
    vec![
        (
            "counter",
            of(&[tensor("bn.num_batches_tracked", "I64", &[], 0, 8), tensor("bn.bias", "F32", &[2], 8, 16)], 16),
        ),
        ("halves_of_bytes", of(&[tensor("x", "F4", &[2, 3], 0, 3), tensor("y", "F6_E2M3", &[4], 3, 6)], 6)),
        (
            "no_values",
            of(
                &[tensor("x", "F64", &[0, 5], 0, 0), tensor("y", "BOOL", &[1], 0, 1), tensor("z", "C64", &[0], 0, 0)],
                1,
            ),
        ),
        ("escapes", of(&[tensor("\\ud83d\\ude00\\n\\\"é", "U8", &[1], 0, 1)], 1)),
        ("other_order", of(&[tensor("a", "BF16", &[1], 4, 6), tensor("b", "F32", &[], 0, 4)], 6)),
        ("notes", bytes("{\"__metadata__\": {\"by\": \"\\u0041\", \"of\": \"\"}}", &[])),
    ]
}

fn fitting() -> Vec<File> {
    let dtypes = |dtype| NET.map(|(name, _)| (name, dtype));
    let odd = header(&[]).replace("conv1.weight", "conv\\u0031.weight").replace("fc1.bias", "\\u0066c1.bias");
    let (_, values) = tensors(&NET, &[]);
    let fields = r#"{"data_offsets": [0, 72], "shape": [2, 1, 3, 3], "dtype": "F32"}"#;
    let odd = odd.replace(r#"{"dtype": "F32", "shape": [2, 1, 3, 3], "data_offsets": [0, 72]}"#, fields);
    vec![
        ("right", right()),
        ("right_f16", file(&NET, &dtypes("F16"))),
        ("right_bf16", file(&NET, &dtypes("BF16"))),
        ("right_in_odd_spelling", bytes(&format!("\n\t{odd}\r\n "), &values)),
    ]
}

fn of_other_tensors() -> Vec<File> {
    let several = with(&with(&with(&NET, "conv1.bias", NOTHING), "conv1.weight", &[2, 3, 3, 3]), "fc2.bias", &[2]);
    let names: Vec<String> = (0..99).map(|i| format!("layer{i}.weight")).collect();
    let many: Vec<(&str, &[usize])> = names.iter().map(|name| (name.as_str(), &[3_usize, 0][..])).collect();
    vec![
        ("tensor_missing", file(&with(&NET, "conv1.bias", NOTHING), &[])),
        ("tensor_unexpected", file(&with(&NET, "fc2.weight", &[3, 2]), &[])),
        ("tensor_of_another_shape", file(&with(&NET, "fc1.weight", &[2, 50]), &[])),
        ("tensor_of_another_rank", file(&with(&NET, "conv1.bias", &[1, 1, 1, 1, 1, 1, 2]), &[])),
        ("tensor_of_another_type", file(&NET, &[("fc1.weight", "I32")])),
        ("tensors_of_another_network", file(&many, &[])),
        ("no_tensors", bytes("{}", &[])),
        ("several_differences", file(&several, &[("fc1.bias", "F64")])),
    ]
}

fn of_no_header() -> Vec<File> {
    vec![
        ("empty", vec![]),
        ("shorter_than_a_length", b"\x08\0\0\0\0\0\0".to_vec()),
        ("header_truncated", right()[..40].to_vec()),
        ("header_of_all_bits", [[0xff; 8].as_slice(), b"{}"].concat()),
        ("header_of_no_bytes", vec![0; 8]),
        ("header_not_utf8", bytes_of(b"{\"conv1.\xff\xfe\": {}}", &[])),
        ("picture", [b"\x89PNG\r\n\x1a\n".as_slice(), &(0..64).collect::<Vec<u8>>()].concat()),
    ]
}

fn of_no_json() -> Vec<File> {
    let of = |header: &str| bytes(header, &[]);
    vec![
        ("header_broken", of(r#"{"conv1.weight": "#)),
        ("header_is_a_list", of("[]")),
        ("header_nested", of(&format!("{{\"conv1.weight\": {}", "[".repeat(4000)))),
        ("header_with_a_number_for_a_tensor", of(r#"{"conv1.weight": 5}"#)),
        ("header_with_a_name_not_closed", of(r#"{"conv1.weight"#)),
        ("header_with_a_broken_escape", of(r#"{"conv1\q": {}}"#)),
        ("header_with_a_line_in_a_name", of("{\"conv1\nweight\": {}}")),
        ("header_without_a_comma", bytes(&header(&[]).replacen(", \"fc1", " \"fc1", 1), &[0; 232])),
        ("header_with_something_behind", of("{} {}")),
        ("metadata_with_a_number", of(r#"{"__metadata__": {"epoch": 12}}"#)),
    ]
}

fn of_wrong_fields() -> Vec<File> {
    let change = |from: &str, to: &str| {
        let (right, (_, values)) = (header(&[]), tensors(&NET, &[]));
        assert!(right.contains(from), "{from} is not in {right}");
        bytes(&right.replacen(from, to, 1), &values)
    };
    vec![
        ("field_missing", change(r#", "data_offsets": [72, 80]"#, "")),
        ("field_unknown", change(r#""shape": [2],"#, r#""shape": [2], "strides": [1],"#)),
        ("field_twice", change(r#""dtype": "F32","#, r#""dtype": "F32", "dtype": "F32","#)),
        ("name_twice", change("fc1.bias", "conv1.bias")),
        ("type_unknown", change("F32", "F31")),
        ("type_is_a_number", change("\"F32\"", "32")),
        ("size_negative", change("[2, 18]", "[2, -18]")),
        ("size_with_a_point", change("[2, 18]", "[2, 18.0]")),
        ("size_in_quotes", change("[2, 18]", "[\"2\", 18]")),
        ("size_of_65_bits", change("[2, 18]", "[2, 18446744073709551616]")),
        ("size_missing", change("[2, 18]", "[2, ]")),
        ("sizes_without_end", change("[2, 18]", "[4294967296, 4294967296, 4294967296]")),
        ("sizes_of_too_few_values", change("[2, 18]", "[2, 17]")),
        ("values_of_half_a_byte", change(r#""F32", "shape": [2, 18]"#, r#""F4", "shape": [3]"#)),
        ("offsets_of_one_number", change("[80, 224]", "[80]")),
        ("offsets_turned_round", change("[80, 224]", "[224, 80]")),
        ("offsets_beyond_the_file", change("[80, 224]", "[18446744073709551471, 18446744073709551615]")),
    ]
}

fn of_wrong_places() -> Vec<File> {
    let two = |first: [usize; 2], second: [usize; 2]| {
        let tensor = |name, [begin, end]: [usize; 2]| {
            let shape = (end - begin) / 4;
            format!("\"{name}\": {{\"dtype\": \"F32\", \"shape\": [{shape}], \"data_offsets\": [{begin}, {end}]}}")
        };
        let last = first[1].max(second[1]);
        bytes(&format!("{{{}, {}}}", tensor("conv1.bias", first), tensor("fc1.bias", second)), &vec![0; last])
    };
    let cut = right().len() - 7;
    vec![
        ("offsets_overlap", two([0, 8], [4, 12])),
        ("offsets_with_a_gap", two([0, 8], [12, 20])),
        ("offsets_that_begin_late", two([4, 12], [12, 20])),
        ("truncated", right()[..cut].to_vec()),
        ("values_missing", right()[..right().len() - 232].to_vec()),
        ("longer_than_its_header_says", [right().as_slice(), &[0; 4]].concat()),
    ]
}

/// Files with test vectors. An input of zeros gives what `pass/right.rs` works out by hand.
fn of_vectors() -> Vec<File> {
    let zeros = [9 * 26, 9 * 62].map(|sum| sum as f32 / 2.0 / 256.0);
    let expected = [zeros[0], zeros[1] + 1.0 / 16.0];
    let of = |inputs: &[usize], dtype, outputs: &[usize], expected: [f32; 2]| {
        let shapes = with(&with(&NET, "test.input", inputs), "test.output", outputs);
        let (header, mut values) = tensors(&shapes, &[("test.input", dtype)]);
        let outputs = 4 * outputs.iter().product::<usize>();
        let at = values.len() - outputs;
        // What is not the outputs are the inputs, in front of them.
        let inputs = inputs.iter().product::<usize>() * if dtype == "F64" { 8 } else { 4 };
        values[at - inputs..at].fill(0);
        for (i, value) in values[at..].as_chunks_mut().0.iter_mut().enumerate() {
            *value = expected[i % 2].to_le_bytes();
        }
        bytes(&header, &values)
    };
    vec![
        ("vectors", of(&[3, 1, 5, 5], "F32", &[3, 2], expected)),
        ("vectors_that_it_does_not_give", of(&[1, 1, 5, 5], "F32", &[1, 2], [expected[0], 7.0])),
        ("vectors_of_another_shape", of(&[3, 25], "F32", &[3, 2], expected)),
        ("vectors_of_another_type", of(&[3, 1, 5, 5], "F64", &[3, 2], expected)),
        ("vectors_not_in_pairs", of(&[3, 1, 5, 5], "F32", &[2, 2], expected)),
        ("vectors_without_outputs", file(&with(&NET, "test.input", &[3, 1, 5, 5]), &[])),
    ]
}

/// Packed files, those that fit first.
pub fn packed_files() -> Vec<File> {
    let weights = right();
    let net = Net::from_bytes(&weights).expect("weights of Net");
    let other = Other::from_bytes(&weights).expect("weights of Other");
    let before = before::Net::from_bytes(&weights).expect("weights of Net");
    let plain = to_bytes(&net, &Vectors::NONE);
    let inputs = vec![Chw([[[0.25; 5]; 5]]), Chw([[[-1.0; 5]; 5]])];
    let change = |at: usize, to: &[u8]| {
        let mut file = plain.clone();
        file[at..][..to.len()].copy_from_slice(to);
        let sum = checksum(&file);
        file[16..24].copy_from_slice(&sum.to_le_bytes());
        file
    };
    let mut damaged = plain.clone();
    damaged[200] ^= 4;
    vec![
        ("right", to_bytes(&net, &Vectors::of(&net, inputs))),
        ("right_prepared", net.prepare().to_packed_bytes()),
        ("packed_without_vectors", plain.clone()),
        ("packed_for_another_network", to_bytes(&other, &Vectors::NONE)),
        ("packed_for_other_layers", to_bytes(&before, &Vectors::NONE)),
        ("packed_in_another_version", change(8, &[9, 0, 0, 0])),
        ("packed_quantized", change(12, &[2, 0, 0, 0])),
        ("packed_of_an_unknown_kind", change(12, &[7, 1, 0, 0])),
        ("packed_with_a_wrong_header", change(60, &[1])),
        ("packed_with_a_broken_name", change(64, &[0xff])),
        ("packed_damaged", damaged),
        ("packed_cut_off", plain[..plain.len() - 64].to_vec()),
        ("packed_cut_off_in_its_header", plain[..50].to_vec()),
        ("packed_too_long", [plain.as_slice(), b"\n"].concat()),
        ("packed_with_a_length_of_all_bits", change(32, &[0xff; 8])),
    ]
}

fn right() -> Vec<u8> {
    file(&NET, &[])
}

/// These tensors with one of another shape, or one more, or with [`NOTHING`] one less.
fn with<'a>(tensors: &[(&'a str, &'a [usize])], name: &'a str, shape: &'a [usize]) -> Vec<(&'a str, &'a [usize])> {
    let mut tensors = tensors.to_vec();
    match tensors.iter_mut().find(|(own, _)| *own == name) {
        Some(tensor) => tensor.1 = shape,
        None => tensors.push((name, shape)),
    }
    tensors.retain(|(_, shape)| *shape != NOTHING);
    tensors
}

fn file(shapes: &[(&str, &[usize])], dtypes: &[(&str, &str)]) -> Vec<u8> {
    let (header, values) = tensors(shapes, dtypes);
    bytes(&header, &values)
}

/// The header of `NET`.
fn header(dtypes: &[(&str, &str)]) -> String {
    tensors(&NET, dtypes).0
}

/// Header and values of these tensors, `F32` unless `dtypes` says otherwise; value i of each is i / 16.
fn tensors(shapes: &[(&str, &[usize])], dtypes: &[(&str, &str)]) -> (String, Vec<u8>) {
    let (mut parts, mut values) =
        (vec![r#""__metadata__": {"made_by": "tests/support/weights_files.rs"}"#.into()], vec![]);
    for (name, shape) in shapes {
        let dtype = dtypes.iter().find(|(own, _)| own == name).map_or("F32", |(_, dtype)| dtype);
        let begin = values.len();
        for i in 0..shape.iter().product::<usize>() {
            let value = i as f32 / 16.0;
            match dtype {
                "F16" => values.extend(half::f16::from_f32(value).to_le_bytes()),
                "BF16" => values.extend(half::bf16::from_f32(value).to_le_bytes()),
                "F64" => values.extend(f64::from(value).to_le_bytes()),
                "I32" => values.extend((i as i32).to_le_bytes()),
                _ => values.extend(value.to_le_bytes()),
            }
        }
        let end = values.len();
        parts.push(format!(
            "\"{name}\": {{\"dtype\": \"{dtype}\", \"shape\": {shape:?}, \"data_offsets\": [{begin}, {end}]}}"
        ));
    }
    (format!("{{{}}}", parts.join(", ")), values)
}

fn bytes(header: &str, values: &[u8]) -> Vec<u8> {
    bytes_of(header.as_bytes(), values)
}

fn bytes_of(header: &[u8], values: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header, values].concat()
}
