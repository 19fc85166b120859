//! Packed files when the program runs: what is written comes back, what is not for the network or is damaged is told.

use std::collections::BTreeSet;

use convnet::arithmetic::files::packed::checksum;
use convnet::packed::{PackedError, Vectors, to_bytes};
use convnet::verify::VerifyError;
use convnet::{Chw, Flat, Network, Prepared, cnn, embed};

#[path = "support/numbers.rs"]
mod numbers;

use numbers::numbers;

cnn! {
    pub struct Net: [1, 5, 5] -> [2] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(2),
    }
}

cnn! {
    /// Every way in which parameters are packed.
    struct Ways: [3, 28, 28] -> [10] {
        first: conv2d(32, kernel = 3, padding = 1), relu,
        wide: conv2d(32, kernel = 3, padding = 1, bias = false), bn: batch_norm, relu,
        own: depthwise_conv2d(kernel = 3, padding = 1), relu,
        split: conv2d(32, kernel = 1, groups = 2), relu,
        max_pool2d(4),
        low: conv2d(32, kernel = 3, padding = 1), relu,
        deep: conv2d(64, kernel = 3, padding = 1), relu,
        up: conv_transpose2d(4, kernel = 2, stride = 2), slope: prelu,
        few: conv2d(3, kernel = 5), relu,
        flatten,
        fc1: linear(10),
    }
}

cnn! {
    struct Halves: [64] -> [10] with weights = f16 { fc1: linear(40), relu, fc2: linear(10) }
}
cnn! {
    struct Brains: [64] -> [10] with weights = bf16 { fc1: linear(40), relu, fc2: linear(10) }
}
cnn! {
    struct Bytes: [64] -> [10] with weights = int8 { fc1: linear(40), relu, fc2: linear(10) }
}

static EMBEDDED: Prepared<Net> = embed!(Net, "ui/weights/right.convnet", vectors);
const FILE: &[u8] = include_bytes!("ui/weights/right.convnet");

fn net<N: Network>() -> N {
    let params = numbers(5, N::ARCHITECTURE.stored()).iter().map(|x| 0.5 + 0.25 * x).collect();
    N::from_params(convnet::params::Params::Owned(params))
}

#[test]
fn what_is_packed_is_what_is_loaded() {
    fn check<N: Network>() {
        let net = net::<N>();
        let inputs: Vec<N::Input> = (0..3).map(|_| convnet::arena::Floats::zeroed()).collect();
        let compact = Prepared::<N>::from_packed_bytes(&to_bytes(&net, &Vectors::of(&net, inputs))).unwrap();
        assert_eq!(compact.packed().len(), N::ARCHITECTURE.compact_packed);
        compact.verify(0.05).unwrap();
        let again = Prepared::<N>::from_packed_bytes(&compact.to_packed_bytes()).unwrap();
        assert_eq!(bits(again.packed()), bits(compact.packed()));
        again.clone().verify(0.05).unwrap();

        let prepared = net.prepare();
        let loaded = Prepared::<N>::from_packed_bytes(&prepared.to_packed_bytes()).unwrap();
        assert_eq!(bits(loaded.packed()), bits(prepared.packed()));
    }
    check::<Net>();
    check::<Ways>();
    check::<Halves>();
    check::<Brains>();
    check::<Bytes>();
}

fn bits(floats: &[f32]) -> Vec<u32> {
    floats.iter().map(|x| x.to_bits()).collect()
}

/// If the numbers change, kernels read parameters otherwise than before, and files that were packed before are stale:
/// increase `PACKING` in `macros/shape/src/fingerprint.rs`, then write the new numbers here.
#[test]
fn what_pack_writes_is_known_by_its_version() {
    fn sums<N: Network>() -> [u64; 2] {
        let net = net::<N>();
        let sum = |floats: &[f32]| checksum(&floats.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>());
        let compact = Prepared::<N>::from_packed_bytes(&to_bytes(&net, &Vectors::NONE)).unwrap();
        [sum(compact.packed()), sum(net.prepare().packed())]
    }
    let ways: BTreeSet<&str> = Ways::LAYERS.iter().map(|layer| layer.algorithm).collect();
    assert_eq!(ways, BTreeSet::from(["", "depthwise", "direct", "rows", "winograd 2x2", "winograd 4x4"]));
    let found = [sums::<Net>(), sums::<Ways>(), sums::<Halves>(), sums::<Brains>(), sums::<Bytes>()];
    assert_eq!(found, EXPECTED, "{found:#018x?}");
}

/// Compact and prepared of each; only `Ways` has an algorithm that enlarges its parameters.
const EXPECTED: [[u64; 2]; 5] = [
    [0x0d96_9a51_f41c_8638; 2],
    [0xabe6_7e9f_a4df_e76c, 0x93a5_9f77_760a_5cfc],
    [0xc347_3ec3_a4d9_7fb7; 2],
    [0x79ec_2b9d_fb5b_05ae; 2],
    [0x8a31_20ab_fcf8_b0e4; 2],
];

#[test]
fn embedded_by_the_assembler() {
    assert_eq!(EMBEDDED.packed().as_ptr() as usize % 64, 0, "at a cache line");
    let loaded = Prepared::<Net>::from_packed_bytes(FILE).unwrap();
    assert_eq!(EMBEDDED.packed(), loaded.packed());
    let image = Chw([[[0.3; 5]; 5]]);
    assert_eq!(EMBEDDED.forward(&image), loaded.forward(&image));
    EMBEDDED.verify(1e-5).unwrap();
}

#[test]
fn files() {
    let path = std::env::temp_dir().join(format!("convnet-{}.convnet", std::process::id()));
    let net = net::<Net>();
    net.pack_to(&path).unwrap();
    let loaded = Prepared::<Net>::load_packed(&path).unwrap();
    loaded.save_packed(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), to_bytes(&net, &Vectors::NONE));
    std::fs::remove_file(&path).unwrap();
    let error = Prepared::<Net>::load_packed("no/such.convnet").unwrap_err();
    assert!(matches!(error, PackedError::Read(..)) && error.to_string().starts_with("cannot read `no/such.convnet`: "));
    let error = net.pack_to("no/such/folder.convnet").unwrap_err();
    assert!(error.to_string().starts_with("cannot write `no/such/folder.convnet`: "));
}

#[test]
fn what_is_not_for_the_network_is_told() {
    let message = |file: &[u8]| Prepared::<Net>::from_packed_bytes(file).unwrap_err().to_string();
    let other = to_bytes(&net::<Halves>(), &Vectors::NONE);
    assert_eq!(message(&other), "`weights` was packed for `Halves`, not for `Net`");
    assert_eq!(message(b"\x89PNG"), "`weights` is not a packed file: it does not begin as one");
    let cut = &FILE[..FILE.len() - 1];
    let (len, has) = (FILE.len(), cut.len());
    assert_eq!(message(cut), format!("`weights` is cut off: it has {has} bytes, its header announces {len}"));
}

#[test]
fn no_truncation_or_flipped_bit_is_accepted() {
    for len in 0..FILE.len() {
        assert!(Prepared::<Net>::from_packed_bytes(&FILE[..len]).is_err(), "cut to {len} bytes");
    }
    for bit in 0..8 * FILE.len() {
        let mut flipped = FILE.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(Prepared::<Net>::from_packed_bytes(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn a_value_that_differs_is_named() {
    let net = net::<Net>();
    let mut wrong = net.forward(&Chw::zeros());
    wrong[1] += 0.5;
    let vectors = Vectors::new(vec![Chw::zeros(), Chw::zeros()], vec![net.forward(&Chw::zeros()), wrong]);
    let loaded = Prepared::<Net>::from_packed_bytes(&to_bytes(&net, &vectors)).unwrap();
    let (mut output, mut scratch) = (Flat::zeros(), Net::scratch());
    for result in [loaded.verify(0.01), loaded.verify_into(0.01, &mut output, &mut scratch)] {
        match result.unwrap_err() {
            VerifyError::Differs { network: "Net", pair: 1, output: 1, expected, .. } => assert_eq!(expected, wrong[1]),
            other => panic!("{other}"),
        }
    }
    // What is no number is within nothing.
    let vectors = Vectors::new(vec![Chw::zeros()], vec![Flat([f32::NAN, 0.0])]);
    let loaded = Prepared::<Net>::from_packed_bytes(&to_bytes(&net, &vectors)).unwrap();
    assert!(matches!(loaded.verify(1e9), Err(VerifyError::Differs { pair: 0, output: 0, .. })));
}
