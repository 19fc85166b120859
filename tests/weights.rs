//! Saving, loading and embedding: what fits comes back, what differs is listed whole.

use convnet::weights::WeightsError;
use convnet::{Chw, Prepared, cnn, embed};
use safetensors::tensor::{Dtype, TensorView};

cnn! {
    struct Tiny: [1, 6, 6] -> [3] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(3, bias = false),
    }
}

static EMBEDDED: Prepared<Tiny> = embed!(Tiny, "fixtures/weights/tiny.safetensors");

const FILE: &[u8] = include_bytes!("fixtures/weights/tiny.safetensors");

#[test]
fn what_is_saved_is_what_is_loaded() {
    let net = Tiny::init(11);
    let path = std::env::temp_dir().join(format!("convnet-tiny-{}.safetensors", std::process::id()));
    net.save(&path).unwrap();
    assert_eq!(Tiny::load(&path).unwrap().params(), net.params());
    std::fs::remove_file(path).unwrap();
    assert_eq!(Tiny::from_bytes(&net.to_bytes()).unwrap().params(), net.params());
}

#[test]
fn embedded_weights_are_those_of_the_file() {
    let loaded = Tiny::from_bytes(FILE).unwrap();
    assert_eq!(EMBEDDED.packed(), loaded.prepare().packed());
    assert_eq!(EMBEDDED.packed().as_ptr() as usize % 64, 0, "at a cache line");
    let image = Chw::from([[[0.3; 6]; 6]]);
    assert_eq!(EMBEDDED.forward(&image), loaded.prepare().forward(&image));
}

/// Folding runs in the compiler too: what is embedded is what `prepare` makes, and the same function.
#[test]
fn a_batch_normalisation_is_folded_at_compile_time() {
    cnn! {
        struct Normalised: [1, 6, 6] -> [2, 4, 4] {
            conv1: conv2d(2, kernel = 3, bias = false),
            bn1: batch_norm, relu,
        }
    }
    static NET: Prepared<Normalised> = embed!(Normalised, "fixtures/weights/normalised.safetensors");
    let loaded = Normalised::from_bytes(include_bytes!("fixtures/weights/normalised.safetensors")).unwrap();
    assert_eq!(NET.packed(), loaded.prepare().packed());
    let image = Chw([[[0.3; 6], [-0.2; 6], [0.9; 6], [0.1; 6], [-0.7; 6], [0.5; 6]]]);
    let (expected, got) = (loaded.forward(&image), NET.forward(&image));
    assert!(expected.as_slice().iter().any(|x| *x > 0.01), "the ReLU lets something through");
    for (got, expected) in got.as_slice().iter().zip(expected.as_slice()) {
        assert!((got - expected).abs() < 1e-5, "{got} {expected}");
    }
}

fn file(tensors: &[(&str, Dtype, &[usize])]) -> Vec<u8> {
    let zeros = [0_u8; 1024];
    let views = tensors.iter().map(|(name, dtype, shape)| {
        let bytes = shape.iter().product::<usize>() * dtype.bitsize() / 8;
        (*name, TensorView::new(*dtype, shape.to_vec(), &zeros[..bytes]).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

fn message(file: &[u8]) -> String {
    match Tiny::from_bytes(file) {
        Ok(_) => panic!("the file was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_difference_is_listed() {
    let file = file(&[
        ("conv1.weight", Dtype::F32, &[2, 1, 5, 5]),
        ("conv1.bias", Dtype::I16, &[2]),
        ("fc.weight", Dtype::F32, &[3, 4]),
    ]);
    assert_eq!(
        message(&file),
        "`weights` does not fit `Tiny`: `conv1.bias` has values of type I16 but needs F32, F16 or BF16; \
         `conv1.weight` is [2, 1, 5, 5] but must be [2, 1, 3, 3]; `fc.weight` [3, 4] is unexpected; \
         `fc1.weight` [3, 32] is missing"
    );
}

/// As `model.half()` and `model.bfloat16()` save it: every f16 and every bf16 is an f32.
#[test]
fn values_of_16_bits_are_widened() {
    cnn! {
        struct Small: [2] -> [2] { fc: linear(2) }
    }
    let weight = [1.5, -0.625, 65504.0, 6.0e-8].map(half::f16::from_f32);
    let bias = [-3.0e38, 1.0e-38].map(half::bf16::from_f32);
    let expected: Vec<f32> = weight.iter().map(|x| x.to_f32()).chain(bias.iter().map(|x| x.to_f32())).collect();
    let [weight, bias] = [weight.map(half::f16::to_le_bytes).concat(), bias.map(half::bf16::to_le_bytes).concat()];
    let tensors = [
        ("fc.weight", TensorView::new(Dtype::F16, vec![2, 2], &weight).unwrap()),
        ("fc.bias", TensorView::new(Dtype::BF16, vec![2], &bias).unwrap()),
    ];
    let file = safetensors::serialize(tensors, None).unwrap();
    assert_eq!(Small::from_bytes(&file).unwrap().params(), expected);
}

/// As PyTorch saves it: `bn.num_batches_tracked`, a scalar of type I64, counts what nothing is computed from.
#[test]
fn a_counter_of_batches_is_left_out() {
    cnn! {
        struct Normalised: [2, 3, 3] -> [2, 3, 3] { bn: batch_norm }
    }
    let [two, scalar] = [&[2][..], &[]];
    let file = file(&[
        ("bn.weight", Dtype::F32, two),
        ("bn.bias", Dtype::F32, two),
        ("bn.running_mean", Dtype::F32, two),
        ("bn.running_var", Dtype::F32, two),
        ("bn.num_batches_tracked", Dtype::I64, scalar),
    ]);
    assert_eq!(Normalised::from_bytes(&file).unwrap().params(), [0.0; 8]);
    assert!(message(&file).contains("`bn.bias` [2] is unexpected"));
}

#[test]
fn what_is_no_safetensors_file_is_told_apart() {
    assert_eq!(
        message(b"short"),
        "`weights` is not a safetensors file: it has 5 bytes, and the length of its header alone takes 8"
    );
    assert_eq!(
        message(b"\xff\0\0\0\0\0\0\0{}"),
        "`weights` is not a safetensors file: its first 8 bytes announce a header of 255 bytes, but only 2 follow"
    );
    assert_eq!(
        message(b"\x02\0\0\0\0\0\0\0[]"),
        "`weights` is not a safetensors file: at byte 0 of its header stands `[`, expected `{`, the object that names the tensors"
    );
    let (len, truncated) = (FILE.len(), &FILE[..FILE.len() - 1]);
    let cut = format!("the values of `fc1.weight` end at byte {len}, but the file has only {} bytes", len - 1);
    assert_eq!(message(truncated), format!("`weights` is not a safetensors file: {cut}"));
}

#[test]
fn no_truncation_or_flipped_bit_panics() {
    for len in 0..FILE.len() {
        assert!(Tiny::from_bytes(&FILE[..len]).is_err(), "truncated to {len} bytes");
    }
    let header = 8 + u64::from_le_bytes(FILE[..8].try_into().unwrap()) as usize;
    for bit in 0..8 * header {
        let mut flipped = FILE.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let _ = Tiny::from_bytes(&flipped);
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Tiny::load("no/such/file.safetensors").err().unwrap();
    assert!(matches!(error, WeightsError::Read(..)));
    assert!(error.to_string().starts_with("cannot read `no/such/file.safetensors`: "), "{error}");
    let error = Tiny::init(1).save("no/such/file.safetensors").err().unwrap();
    assert!(error.to_string().starts_with("cannot write `no/such/file.safetensors`: "), "{error}");
}
