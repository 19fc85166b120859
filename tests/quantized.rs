//! Quantised networks against the same in floats: a trained one on digits, and networks of all kinds of layers with random
//! weights; their bytes; and the same results on every instruction set.

#[path = "../examples/digits/idx.rs"]
#[allow(dead_code)]
mod idx;
#[path = "support/numbers.rs"]
mod numbers;

#[path = "quantized/peers.rs"]
mod peers;

use std::path::Path;

use convnet::arena::Floats;
use convnet::models::LeNet5;
use convnet::quantized::Aligned;
use convnet::{Chw, Network, Quantized, cnn};

use numbers::numbers;

fn digits() -> idx::Dataset {
    idx::read_dataset(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data")).unwrap()
}

fn most_likely(scores: &[f32]) -> usize {
    (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap()
}

/// LeNet-5 with the bundled weights, and the same quantised with the first hundred digits to learn from.
fn lenet(digits: &idx::Dataset) -> (LeNet5, Quantized<LeNet5>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/lenet5.safetensors");
    let net = LeNet5::load(path).unwrap();
    let samples = Chw::many_from_slice(&digits.train.images[..100 * 784]).unwrap();
    let quantized = net.quantize(samples).unwrap();
    (net, quantized)
}

#[test]
fn lenet_reads_digits_as_well_in_whole_numbers() {
    let digits = digits();
    let (net, quantized) = lenet(&digits);
    let images = Chw::many_from_slice(&digits.test.images).unwrap();
    let share = |outputs: &[convnet::Flat<10>]| {
        let right = outputs
            .iter()
            .zip(&digits.test.labels)
            .filter(|(scores, label)| most_likely(scores.as_slice()) == usize::from(**label));
        100.0 * right.count() as f64 / outputs.len() as f64
    };
    let (floats, bytes) = (share(&net.forward_batch(images)), share(&quantized.forward_batch(images)));
    if std::env::var_os("BLESS").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/quantized/lenet5.int8");
        std::fs::write(file, quantized.as_bytes()).unwrap();
    }
    println!("{} digits: {floats:.2} % in f32, {bytes:.2} % in int8", images.len());
    assert!(floats - bytes < 0.5 && floats > 98.0);
}

/// LeNet-5 as `BLESS=1 cargo test --test quantized lenet` wrote it, in the program.
static BYTES: Aligned<{ Quantized::<LeNet5>::BYTES }> = Aligned(*include_bytes!("fixtures/quantized/lenet5.int8"));
static NET: Quantized<LeNet5> = Quantized::from_bytes(&BYTES.0);

#[test]
fn the_same_bytes_give_the_same_scores_everywhere() {
    let digits = digits();
    let scores = NET.forward_batch(Chw::many_from_slice(&digits.test.images).unwrap());
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for score in Floats::flatten(&scores) {
        hash = (hash ^ u64::from(score.to_bits())).wrapping_mul(0x0000_0100_0000_01b3);
    }
    // Of 20 000 scores, to the bit: on every instruction set, of x86-64, of AArch64, of WebAssembly.
    assert_eq!(hash, HASH, "{hash:#x}");
}

const HASH: u64 = 0x52cd_b41c_3011_3536;

cnn! {
    /// Residual: sums of paths, normalisation folded and by itself, averages.
    struct Residual: [3, 16, 16] -> [10] {
        normalize(mean = [0.1, 0.0, -0.1], std = [0.5, 0.6, 0.7]),
        conv2d(16, kernel = 3, padding = 1, bias = false), batch_norm, relu,
        add {
            identity,
            { conv2d(16, kernel = 3, padding = 1), batch_norm, relu, conv2d(16, kernel = 3, padding = 1), batch_norm },
        },
        relu,
        add {
            { conv2d(24, kernel = 1, stride = 2), batch_norm },
            { conv2d(24, kernel = 3, stride = 2, padding = 1), relu, conv2d(24, kernel = 3, padding = 1) },
        },
        batch_norm, relu6, avg_pool2d(2, stride = 2),
        global_avg_pool, linear(10),
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

    /// Paths side by side.
    struct Inception: [1, 14, 14] -> [5] {
        conv2d(20, kernel = 5, stride = 2, padding = 2), relu,
        inception(16, 12, 20, 4, 8, 8),
        inception(8, 12, 20, 4, 17, 8),
        concat { identity, { conv2d(3, kernel = 3, padding = 2, dilation = 2), tanh } },
        max_pool2d(2, ceil = true), dropout(0.4),
        conv2d(12, kernel = 3, padding = 1, groups = 4), gelu,
        global_max_pool, linear(5), log_softmax,
    }
}

cnn! {
    /// Depthwise, for spoken words.
    struct DsCnn: [1, 49, 10] -> [12] {
        conv: conv2d(64, kernel = (10, 4), stride = 2, padding = (5, 1)), relu,
        blocks: repeat 4 {
            depthwise: depthwise_conv2d(kernel = 3, padding = 1), batch_norm, relu,
            pointwise: conv2d(64, kernel = 1), batch_norm, relu,
        },
        global_avg_pool,
        fc: linear(12), softmax,
    }
}

cnn! {
    /// Sequences, values in another order, the rarer pools and activations.
    struct Orders: [2, 48] -> [6] {
        conv1d(12, kernel = 5, padding = same), leaky_relu(0.1),
        avg_pool1d(3, stride = 2, padding = 1, count_include_pad = false),
        depthwise_conv1d(kernel = 3, multiplier = 3, padding = 1), hard_swish,
        permute([1, 0]), reshape([6, 12, 12]), conv2d(8, kernel = 3), sigmoid,
        flatten, tanh, dropout(0.5), linear(30), elu(1.0), linear(6),
    }
}

cnn! {
    /// A cube.
    struct Cube: [2, 6, 7, 8] -> [4] {
        conv3d(6, kernel = 3, padding = 1), relu, max_pool3d(2),
        conv3d(8, kernel = (1, 2, 2), dilation = (1, 1, 2), padding = (0, 0, 1)), silu, avg_pool3d(2),
        flatten, linear(4),
    }
}

/// Inputs that look random.
fn inputs<N: Network>(count: usize, seed: u64) -> Vec<N::Input> {
    let mut inputs = N::Input::zeroed_vec(count);
    let values = numbers(seed, count * <N::Input as Floats>::LEN);
    Floats::flatten_mut(&mut inputs).copy_from_slice(&values);
    inputs
}

/// A network whose normalisations do something.
fn lively<N: Network>(seed: u64) -> N {
    let mut net = N::init(seed);
    let architecture = N::ARCHITECTURE;
    let spread = numbers(seed + 7, architecture.stored());
    for (node, step) in architecture.nodes.iter().zip(architecture.plan) {
        if let convnet_shape::op::Op::BatchNorm(_) = node.op {
            for (i, value) in net.params_mut()[step.params..][..step.params_len].iter_mut().enumerate() {
                *value += 0.3 * spread[step.params + i].abs() * if i % 2 == 0 { 1.0 } else { -1.0 };
            }
        }
    }
    net
}

/// The largest difference beside the range of the outputs, on inputs that were not calibrated with.
fn error<N: Network>(seed: u64) -> f32 {
    let net: N = lively(seed);
    let quantized = net.quantize(&inputs::<N>(40, seed)).unwrap();
    let others = inputs::<N>(20, seed + 1000);
    let (expected, got) = (net.forward_batch(&others), quantized.forward_batch(&others));
    let (expected, got) = (Floats::flatten(&expected), Floats::flatten(&got));
    let (low, high) = expected.iter().fold((0.0_f32, 0.0_f32), |(low, high), x| (low.min(*x), high.max(*x)));
    let most = expected.iter().zip(got).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
    println!("{}: {most} of {low}…{high}, {:.2} %", N::ARCHITECTURE.name, 100.0 * most / (high - low));
    most / (high - low)
}

#[test]
fn networks_of_all_kinds_agree_with_floats() {
    // Twice what they are: 0.34, 0.04, 0.11, 0.84 and 2.31 % of the range of the outputs.
    assert!(error::<Residual>(1) < 0.007);
    assert!(error::<Inception>(2) < 0.001);
    assert!(error::<DsCnn>(3) < 0.0025);
    assert!(error::<Orders>(4) < 0.017);
    assert!(error::<Cube>(5) < 0.046);
}

#[test]
fn the_ways_in_are_one() {
    let digits = digits();
    let (_, quantized) = lenet(&digits);
    let image: &Chw<1, 28, 28> = Chw::from_slice(digits.test.image(3)).unwrap();
    let expected = *quantized.forward(image);
    let mut scratch = vec![0xa5; Quantized::<LeNet5>::SCRATCH_BYTES];
    let mut output = convnet::Flat::zeros();
    quantized.forward_into(image, &mut output, &mut scratch);
    assert_eq!(output, convnet::Flat(expected));
    let scale = quantized.input_scale();
    let bytes: Vec<u8> = image.as_floats().iter().map(|x| scale.quantize(*x)).collect();
    output = convnet::Flat::zeros();
    quantized.forward_bytes(&bytes, &mut output, &mut scratch);
    assert_eq!(output, convnet::Flat(expected));
    assert_eq!(quantized.forward_batch(&[*image, *image]), [convnet::Flat(expected); 2]);
    // Pixels of 0…1 are their own bytes.
    assert_eq!((scale.zero, (scale.scale * 255.0 - 1.0).abs() < 1e-6), (0, true));
}

#[test]
fn memory_is_a_fraction_of_that_of_floats() {
    const {
        assert!(Quantized::<LeNet5>::SCRATCH_BYTES * 3 < LeNet5::SCRATCH_BYTES);
        assert!(Quantized::<LeNet5>::BYTES * 3 < 4 * LeNet5::PARAMS);
    }
    println!("LeNet-5: {} bytes, {} of scratch", Quantized::<LeNet5>::BYTES, Quantized::<LeNet5>::SCRATCH_BYTES);
    println!("DS-CNN: {} bytes, {} of scratch", Quantized::<DsCnn>::BYTES, Quantized::<DsCnn>::SCRATCH_BYTES);
}

/// The error of these bytes.
fn refusal<N: Network>(bytes: Vec<u8>) -> String {
    Quantized::<N>::try_from_vec(bytes).unwrap_err().to_string()
}

#[test]
fn bytes_of_something_else_are_refused() {
    let quantized = lively::<Cube>(5).quantize(&inputs::<Cube>(3, 1)).unwrap();
    let bytes = quantized.to_bytes();
    let input = &inputs::<Cube>(1, 9)[0];
    assert_eq!(Quantized::<Cube>::try_from_vec(bytes.clone()).unwrap().forward(input), quantized.forward(input));
    let changed = |at: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = to;
        bytes
    };
    assert_eq!(refusal::<Orders>(bytes.clone()), "these bytes are of `Cube`, not of `Orders`");
    assert_eq!(
        refusal::<Cube>(vec![0; 4096]),
        "these are no bytes of a quantised network: they do not begin with `cnn-int8`"
    );
    assert_eq!(refusal::<Cube>(vec![]), refusal::<Cube>(vec![0; 4096]));
    assert_eq!(
        refusal::<Cube>(changed(8, 9)),
        "these bytes are of version 9, version 1 is needed; quantise the network again"
    );
    let short = bytes[..bytes.len() - 64].to_vec();
    let expected = format!("`Cube` has {} bytes quantised, these are {}", bytes.len(), bytes.len() - 64);
    assert_eq!(refusal::<Cube>(short), expected);
    // Every byte behind the name: a record, padding between, a weight, the last.
    for at in [64, 69, 96 + 8, 300, bytes.len() / 2, bytes.len() - 1] {
        let error = refusal::<Cube>(changed(at, bytes[at] ^ 1));
        assert_eq!(error, "the bytes of `Cube` have changed since they were written", "byte {at}");
    }
}

#[test]
fn bytes_of_other_layers_of_the_same_name_are_refused() {
    mod other {
        convnet::cnn! {
            pub struct Cube: [2, 6, 7, 8] -> [4] { max_pool3d(2), flatten, linear(4) }
        }
    }
    let bytes = lively::<other::Cube>(5).quantize(&inputs::<other::Cube>(3, 1)).unwrap().to_bytes();
    assert_eq!(
        refusal::<Cube>(bytes),
        "these bytes are of a network `Cube` with other layers than the one declared here; quantise it again"
    );
}

#[test]
fn what_cannot_be_quantised_is_said() {
    cnn! {
        struct Old: [8, 6, 6] -> [4] {
            conv2d(8, kernel = 3), prelu, norm: lrn(3), softmax, flatten, linear(4),
        }
    }
    let error = Old::init(1).quantize(&[Chw::zeros()]).unwrap_err().to_string();
    assert!(error.contains("`norm` is `lrn`, which has no integer kernel"), "{error}");
    assert!(error.contains("is `softmax`, which can only be the last layer"), "{error}");
    assert!(error.contains("is `prelu`, which has no integer kernel"), "{error}");
    let error = LeNet5::init(1).quantize(&[]).unwrap_err().to_string();
    assert_eq!(error, "`LeNet5` is calibrated on samples, and there are none; a hundred are enough as a rule");
    let mut image = Chw::zeros();
    image[0][3][3] = f32::NAN;
    let error = LeNet5::init(1).quantize(&[image]).unwrap_err().to_string();
    assert_eq!(error, "`LeNet5`: a sample has values that are not finite");
}
