//! torchvision's networks: its names and shapes, files with them, and what it computes with the same parameters.
//! `fixtures/torchvision/make.py` wrote what these tests read, and says by which rule parameters are filled.

use convnet::arena::Floats;
use convnet::models::*;
use convnet::{Network, weights};
use safetensors::{Dtype, SafeTensors, View};
use std::borrow::Cow;

/// The tensors of a network in the order of its state_dict.
fn state_dict(network: &str) -> Vec<(String, Vec<usize>)> {
    let lines = include_str!("fixtures/torchvision/names.txt").lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let own = lines.filter(|line| line[0] == network);
    let sizes = |text: &&str| text.split('x').map(|size| size.parse().expect("a size")).collect();
    own.map(|line| (line[1].to_owned(), line.get(2).map_or_else(Vec::new, sizes))).collect()
}

/// Numbers from −1 to 1: FNV-1a of the name, and splitmix64's mixing of that and the index.
fn noise(name: &str) -> impl Iterator<Item = f32> + use<> {
    let hash = |seed: u64, byte: u8| (seed ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325, hash);
    (1_u64..).map(move |index| {
        let x = seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    })
}

/// A tensor filled by the rule; the counter of batches that normalisation layers keep is a zero.
struct Filled {
    name: String,
    shape: Vec<usize>,
}

impl View for Filled {
    fn dtype(&self) -> Dtype {
        if self.name.ends_with("num_batches_tracked") { Dtype::I64 } else { Dtype::F32 }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        if self.dtype() == Dtype::I64 {
            return Cow::Owned(vec![0; 8]);
        }
        let (scale, shift) = match self.shape.as_slice() {
            [_, inner @ ..] if !inner.is_empty() => ((6.0 / inner.iter().product::<usize>() as f32).sqrt(), 0.0),
            _ if self.name.ends_with("running_var") => (0.5, 1.0),
            _ if self.name.ends_with("weight") => (0.25, 1.0),
            _ => (0.125, 0.0),
        };
        let values = noise(&self.name).take(self.shape.iter().product());
        Cow::Owned(values.flat_map(|value| (value * scale + shift).to_le_bytes()).collect())
    }

    fn data_len(&self) -> usize {
        self.shape.iter().product::<usize>() * if self.dtype() == Dtype::I64 { 8 } else { 4 }
    }
}

/// Names and shapes are torchvision's; a file of its tensors loads; and the logits agree.
fn agrees<N: Network>(name: &str) {
    let theirs = state_dict(name);
    let mut learned: Vec<(&str, &[usize])> =
        theirs.iter().map(|(name, shape)| (name.as_str(), shape.as_slice())).collect();
    learned.retain(|(name, _)| !name.ends_with("num_batches_tracked"));
    learned.sort_unstable();
    let ours: Vec<(&str, &[usize])> =
        N::ARCHITECTURE.tensors.iter().map(|tensor| (tensor.name, tensor.shape())).collect();
    assert!(!ours.is_empty());
    for (ours, theirs) in ours.iter().zip(&learned) {
        assert_eq!(ours, theirs, "{name}");
    }
    assert_eq!(ours.len(), learned.len(), "{name}");

    let tensors = theirs.into_iter().map(|(name, shape)| (name.clone(), Filled { name, shape }));
    let file = safetensors::serialize(tensors, None).expect("a file");
    let net: N = weights::from_bytes(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
    drop(file);
    let mut picture = N::Input::zeroed_box();
    picture.as_floats_mut().iter_mut().zip(noise("input")).for_each(|(to, value)| *to = value);

    let logits = SafeTensors::deserialize(include_bytes!("fixtures/torchvision/logits.safetensors")).expect("a file");
    let expected = logits.tensor(name).expect("a network").data().as_chunks::<4>().0;
    let expected: Vec<f32> = expected.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let largest = expected.iter().fold(0.0_f32, |largest, logit| largest.max(logit.abs()));
    let prepared = net.prepare();
    let one = std::slice::from_ref(&*picture);
    for (way, outputs) in [("canonical", net.forward_batch(one)), ("prepared", prepared.forward_batch(one))] {
        assert_eq!(outputs[0].as_floats().len(), expected.len(), "{name}");
        for (class, (got, expected)) in outputs[0].as_floats().iter().zip(&expected).enumerate() {
            let difference = (got - expected).abs();
            assert!(difference <= 1e-4 * largest, "{name}, class {class}, {way}: {got} is not {expected}");
        }
    }
}

/// Each with the multiply-accumulates that torchvision publishes, in thousand millions (`Weights.meta["_ops"]`).
macro_rules! networks {
    ($($test:ident: $network:ident, $published:literal;)+) => {$(
        #[test]
        fn $test() {
            let published: f64 = $published;
            let macs = $network::MACS as f64 / 1e9;
            assert!((macs - published).abs() <= 0.000_500_1, "{macs} is not {published}");
            agrees::<$network>(stringify!($test));
        }
    )+};
}
networks! {
    alexnet: AlexNetTorchvision, 0.714;
    vgg11: Vgg11, 7.609;
    vgg13: Vgg13, 11.308;
    vgg16: Vgg16, 15.470;
    vgg19: Vgg19, 19.632;
    squeezenet1_0: SqueezeNet1_0, 0.819;
    squeezenet1_1: SqueezeNet1_1, 0.349;
    resnet18: ResNet18, 1.814;
    resnet34: ResNet34, 3.664;
    mobilenet_v2: MobileNetV2, 0.301;
    googlenet: GoogLeNetTorchvision, 1.498;
}
